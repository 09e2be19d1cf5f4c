"""A Keycloak that is not set up for the gateway: told in one sentence each, at the start or as soon as it answers."""

import secrets
import subprocess
import sys
import time
from collections.abc import Mapping

from devstack.environment import PROJECT, without_gateway
from tests.conftest import Stack
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.patience import PATIENT, named
from tests.servers.waiting import until
from tests.surfaces.wire import wire_to

_PATIENCE = 40.0
_ENDING = (
    "see that it exists and is enabled, and set GATEWAY_KEYCLOAK__{} to what Keycloak shows under its `Credentials`"
)
_ANY_PORTS = {"GATEWAY_SERVER__PORT": "0", "GATEWAY_SERVER__MANAGEMENT_PORT": "0"}


def _served(variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gateway", "serve"],
        env={**without_gateway(), **named(PATIENT), **variables, **_ANY_PORTS},
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT,
        timeout=60,
    )


def test_missing_realm_is_one_sentence(gateway_variables: Mapping[str, str]) -> None:
    done = _served({**gateway_variables, "GATEWAY_KEYCLOAK__REALM": "nowhere"})
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "The gateway cannot start: Keycloak has no realm `nowhere`: import it, or set GATEWAY_KEYCLOAK__REALM\n"
    )


def test_each_wrong_secret_is_one_sentence_without_it(gateway_variables: Mapping[str, str]) -> None:
    wrong = {f"{name}_SECRET": secrets.token_urlsafe(32) for name in ("CLIENT", "VERIFIED_CLIENT", "ADMIN_CLIENT")}
    named = {f"GATEWAY_KEYCLOAK__{name}": value for name, value in wrong.items()}
    done = _served({**gateway_variables, **named})
    assert (done.returncode, done.stdout) == (1, "")
    lines = done.stderr.removeprefix("The gateway cannot start: ").splitlines()
    clients = ("gateway", "gateway-verified", "gateway-admin")
    assert lines == [
        f"Keycloak refuses the client `{client}`: {_ENDING.format(name)}"
        for client, name in zip(clients, wrong, strict=True)
    ]
    assert not [value for value in wrong.values() if value in done.stderr]


def _faults(served: ServedGateway) -> list[str]:
    """Wait for what is told of the set-up."""
    deadline = time.monotonic() + _PATIENCE
    while not (told := [each for each in served.events if each["event"] == "setup_fault"]):
        assert time.monotonic() < deadline, served.log
        time.sleep(0.1)
    assert {each["level"] for each in told} == {"error"}
    return [each["fault"] for each in told]


def test_what_is_wrong_is_logged_when_keycloak_comes_later(gateway_variables: Mapping[str, str], stack: Stack) -> None:
    with wire_to(stack.keycloak_url) as (wire, url):
        wrong = {"GATEWAY_KEYCLOAK__CHECK_CLIENT_SECRET": secrets.token_urlsafe(32), "GATEWAY_KEYCLOAK__URL": url}
        with wire.cut(), served_gateway({**gateway_variables, **wrong}, wait_ready=False) as served:
            until(lambda: "keycloak_unreachable" in {each["event"] for each in served.events})
            time.sleep(3)
            assert "setup_fault" not in served.log
            wire.mend()
            (fault,) = _faults(served)
            with served.client() as client:
                assert client.get("/healthz").status_code == 200
    assert fault == f"Keycloak refuses the client `gateway-check`: {_ENDING.format('CHECK_CLIENT_SECRET')}"


def test_nothing_is_logged_when_keycloak_comes_later_and_is_well_set_up(
    gateway_variables: Mapping[str, str], stack: Stack
) -> None:
    with wire_to(stack.keycloak_url) as (wire, url):
        own = {"GATEWAY_KEYCLOAK__URL": url}
        with wire.cut(), served_gateway({**gateway_variables, **own}, wait_ready=False) as served:
            wire.mend()
            with served.client() as client:
                deadline = time.monotonic() + _PATIENCE
                while client.get("/readyz").status_code != 200:
                    assert time.monotonic() < deadline, served.log
                    time.sleep(0.1)
            time.sleep(4)
            assert "setup_fault" not in served.log
