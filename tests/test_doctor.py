"""`gateway doctor`: what an operator is told, and what the command ends with."""

import json
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping

import pytest

from devstack.children import free_port
from devstack.environment import PROJECT, without_gateway
from gateway.app import EXAMINED, examine
from gateway.settings import load
from tests.conftest import Stack
from tests.keycloak.changing import client_changed
from tests.keycloak.opening import Clock
from tests.servers.patience import PATIENT, named
from tests.servers.realms import fresh_realm
from tests.state.redis_servers import running_redis


@pytest.fixture(scope="module")
def unmailing(stack: Stack) -> Iterator[dict[str, str]]:
    """Settings of a gateway that lacks nothing but a mail server, in a realm that nobody else has touched."""
    with fresh_realm(stack) as realm, client_changed(realm, "admin-cli", directAccessGrantsEnabled=False):
        prefix = f"doctor-{secrets.token_hex(4)}:"
        own = {"GATEWAY_REDIS__URL": stack.redis_url, "GATEWAY_REDIS__PREFIX": prefix}
        yield {**realm.variables, **named(PATIENT), **own}


@pytest.fixture
def variables(unmailing: Mapping[str, str], stack: Stack) -> dict[str, str]:
    """Settings of a gateway that lacks nothing."""
    mailing = {name: value for name, value in stack.gateway.items() if name.startswith("GATEWAY_MAIL__")}
    return {**unmailing, **mailing, "GATEWAY_LINKS__FRONTEND_URL": "https://front.example"}


def _doctor(variables: Mapping[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the program under test
        [sys.executable, "-m", "gateway", "doctor", *options],
        env={**without_gateway(), **variables},
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT,
        timeout=60,
    )


def _only_fault(variables: Mapping[str, str]) -> str:
    done = _doctor(variables)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    (line,) = [each for each in done.stdout.splitlines() if not each.startswith("ok")]
    assert line.startswith("fault ")
    return line.removeprefix("fault").strip()


def test_where_all_is_well_everything_that_was_examined_is_named(variables: Mapping[str, str]) -> None:
    done = _doctor(variables)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [f"ok       {each}" for each in ("settings", *EXAMINED)]
    assert json.loads(_doctor(variables, "--json").stdout) == []


def test_settings_are_examined_first(variables: Mapping[str, str]) -> None:
    done = _doctor({**variables, "GATEWAY_SERVER__PORT": "http"})
    assert (done.returncode, done.stdout) == (2, "")
    assert "GATEWAY_SERVER__PORT" in done.stderr


def test_a_warning_alone_is_no_failure(unmailing: Mapping[str, str]) -> None:
    done = _doctor(unmailing)
    assert done.returncode == 0
    assert "\nwarning  mail: The gateway has no mail server" in done.stdout
    (told,) = json.loads(_doctor(unmailing, "--json").stdout)
    assert (told["about"], told["level"]) == ("mail", "warning")


def test_links_that_lead_to_no_page_are_told(variables: Mapping[str, str]) -> None:
    without = {name: value for name, value in variables.items() if name != "GATEWAY_LINKS__FRONTEND_URL"}
    (told,) = json.loads(_doctor(without, "--json").stdout)
    assert (told["about"], told["level"]) == ("mail", "warning")
    assert "GATEWAY_LINKS__FRONTEND_URL" in told["text"]
    pages = {
        f"GATEWAY_LINKS__{each}": "https://front.example/#{token}" for each in ("PASSWORD_RESET", "EMAIL_VERIFICATION")
    }
    assert json.loads(_doctor({**without, **pages}, "--json").stdout) == []


def test_everything_that_is_away_is_named_at_once(variables: Mapping[str, str]) -> None:
    away = {
        "GATEWAY_KEYCLOAK__URL": f"http://127.0.0.1:{free_port()}",
        "GATEWAY_REDIS__URL": f"redis://127.0.0.1:{free_port()}/0",
        "GATEWAY_MAIL__PORT": str(free_port()),
    }
    done = _doctor({**variables, **away})
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    faults = re.findall(r"^fault    (\w+): .*?(GATEWAY_\w+)", done.stdout, re.MULTILINE)
    named = ("KEYCLOAK__URL", "REDIS__URL", "MAIL__HOST")
    assert faults == list(zip(EXAMINED, [f"GATEWAY_{name}" for name in named], strict=False))
    assert away["GATEWAY_KEYCLOAK__URL"] in done.stdout


def test_wrong_secret_is_named_and_not_shown(variables: Mapping[str, str]) -> None:
    wrong = secrets.token_urlsafe(32)
    line = _only_fault({**variables, "GATEWAY_KEYCLOAK__CHECK_CLIENT_SECRET": wrong})
    assert line.startswith("keycloak: Keycloak refuses the client `gateway-check`")
    assert "set GATEWAY_KEYCLOAK__CHECK_CLIENT_SECRET" in line
    assert wrong not in line


def test_redis_that_takes_nothing_is_told(variables: Mapping[str, str]) -> None:
    with running_redis("--save", "", "--maxmemory", "1", "--maxmemory-policy", "noeviction") as full:
        line = _only_fault({**variables, "GATEWAY_REDIS__URL": full.url})
    assert line.startswith("redis: Redis takes nothing: it is full, ")


def test_mail_server_that_speaks_no_tls_is_told(variables: Mapping[str, str]) -> None:
    line = _only_fault({**variables, "GATEWAY_MAIL__SECURITY": "starttls"})
    assert line.startswith("mail: The mail server takes nothing from the gateway")


def test_nothing_is_mailed(variables: Mapping[str, str], stack: Stack) -> None:
    # Others send in the name of the demo at the same time.
    sender = f"doctor-{secrets.token_hex(4)}@demo.test"
    assert _doctor({**variables, "GATEWAY_MAIL__FROM_ADDRESS": sender}).returncode == 0
    assert [each for each in stack.mails.glob("*.eml") if sender.encode() in each.read_bytes()] == []


@pytest.mark.parametrize(("ahead", "word"), [(60, "behind"), (-60, "ahead of")])
async def test_clocks_that_differ_are_told(variables: Mapping[str, str], ahead: float, word: str) -> None:
    found = await examine(load(variables), Clock(ahead))
    texts = [each.text for each in found if (each.about, each.level) == ("clock", "warning")]
    assert len(texts) == len(found) == 2
    for name, text in zip(("Keycloak", "Redis"), texts, strict=True):
        told = re.match(rf"The clock of {name} is (\d+) s {word} the gateway's: ", text)
        assert told
        assert 55 < int(told[1]) <= 60


@pytest.mark.parametrize("ahead", [3.5, -3.5])
async def test_clocks_that_differ_little_are_fine(variables: Mapping[str, str], ahead: float) -> None:
    assert await examine(load(variables), Clock(ahead)) == []


def test_codes_that_cannot_be_checked_or_sent_are_a_fault(
    variables: Mapping[str, str], unmailing: Mapping[str, str]
) -> None:
    on = {"GATEWAY_CYCLOS__ENABLED": "true"}
    without = {name: value for name, value in variables.items() if "CHECK_OTP" not in name}
    told = _only_fault({**without, **on, "GATEWAY_CYCLOS__SECONDARY_PASSWORD": "totp"})
    assert told == (
        "keycloak: Codes of generators cannot be checked, so nobody gets past them: set "
        "GATEWAY_KEYCLOAK__CHECK_OTP_CLIENT_SECRET"
    )
    done = _doctor({**unmailing, **on, "GATEWAY_CYCLOS__CONFIRMATION_PASSWORD": "otp"})
    assert "fault    mail: Codes that `cyclos` asks for reach nobody" in done.stdout
    assert done.returncode == 1
    well = {**variables, **on, "GATEWAY_CYCLOS__SECONDARY_PASSWORD": "totp"}
    assert _doctor({**well, "GATEWAY_CYCLOS__CONFIRMATION_PASSWORD": "otp"}).returncode == 0
