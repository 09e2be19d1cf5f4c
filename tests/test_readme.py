"""README.md shows what a reader gets: its calls, pasted in their order, are answered as it says."""

import json
import re
import secrets
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from devstack.environment import PROJECT, without_gateway
from devstack.mail_catcher import running_mail_catcher
from devstack.stack import SCOPED_TOKEN_SECRET, Stack
from gateway.app import SURFACES
from gateway.surfaces.backchannel_logout.operations import surface as backchannel_logout
from tests.servers.commands import typed
from tests.servers.gateway import served_gateway
from tests.servers.patience import PATIENT, named
from tests.servers.realms import fresh_realm

_README = (PROJECT / "README.md").read_text(encoding="utf-8")
_SHELL = re.compile(
    r"^```bash\n(?P<script>.*?)^```\n(?:```(?:json|http)\n(?P<answer>.*?)^```\n)?", re.DOTALL | re.MULTILINE
)
_ADDRESS = re.compile(r"^GATEWAY=.*$", re.MULTILINE)
_TYPED = re.compile(r"^read -r (?P<name>\w+).*$", re.MULTILINE)
# What a reader types off a mail, and what off the lines that `make run` prints.
_ON_MAILS = {
    "CODE": (r"^([0-9]{6})$", "grace@globex.test"),
    "RESET_TOKEN": (r"#token=(.+)$", "grace@globex.test"),
    "VERIFY_TOKEN": (r"\?token=(.+)$", "erin@example.test"),
    "BOBS_KEY": (r"/forgot-password/(.+)$", "bob@example.test"),
    "CAROLS_TOKEN": (r"\?token=(.+)$", "carol@example.test"),
    "CAROLS_CODE": (r"^([0-9]{6})$", "carol@example.test"),
}
_PRINTED = {"SECRET": SCOPED_TOKEN_SECRET}
# What an operator types, and a reader off that.
_COMMANDS = {"ACTIVATION": ("access-client", "bob", "till 3")}
_FROM_STACK = ("GATEWAY_MAIL__", "GATEWAY_LINKS__", "GATEWAY_KESTRA__", SCOPED_TOKEN_SECRET)
_PATIENCE = 300

_MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"

# What differs from call to call, by its shape; a value that ends with an ellipsis is cut short there.
_VARIABLE = {
    "session_state": r"[\w-]{24}",
    "refresh_expires_in": r"604[78]\d\d",
    "date": r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT",
    "x-request-id": r"[0-9a-f]{16}",
    "x-session-token": r"[\w-]{43}",
    "sessionToken": r"[A-Za-z0-9]{64}",
    "accessClient.id": r"[\w-]{24}",
    "tokens.session_id": r"[\w-]{24}",
    "tokens.session_token_expiry": _MOMENT,
    "tokens.refresh_token_expiry": _MOMENT,
    "id": r"[\w-]{43}",
    "userId": r"[0-9a-f-]{36}",
    "createdAt": _MOMENT,
    "expiresAt": _MOMENT,
    "sentAt": _MOMENT,
    "expiredAt": _MOMENT,
    "acceptedAt": rf"{_MOMENT}|None",
    "user.id": r"[0-9a-f-]{36}",
    "user._id": r"[0-9a-f-]{36}",
    "user.orgId": r"[0-9a-f-]{36}",
    "user.createdAt": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
    "user.updatedAt": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
}


@dataclass(frozen=True, slots=True)
class Block:
    """Something to paste.

    Attributes:
        script: for the shell.
        answer: what is shown below it, or None.
    """

    script: str
    answer: str | None


_BLOCKS = [Block(found["script"], found["answer"]) for found in _SHELL.finditer(_README)]
_SHOWN = [number for number, block in enumerate(_BLOCKS) if block.answer is not None]


@pytest.fixture(scope="module")
def own_stack(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack with a mail catcher of these tests' own: in another worker the same people get the same mails."""
    with running_mail_catcher(tmp_path_factory.mktemp("mail"), show=False) as catcher:
        gateway = {**stack.gateway, "GATEWAY_MAIL__HOST": catcher.host, "GATEWAY_MAIL__PORT": str(catcher.port)}
        yield replace(stack, smtp_host=catcher.host, smtp_port=catcher.port, mails=catcher.mails, gateway=gateway)


@pytest.fixture(scope="module")
def answers(own_stack: Stack) -> Iterator[Sequence[str]]:
    """What each block gives, all of them pasted into one shell, in a demo realm of their own."""
    stack, prefix = own_stack, f"readme-{secrets.token_hex(4)}:"
    with fresh_realm(stack, demo_people=True) as realm:
        own = {"GATEWAY_REDIS__URL": stack.redis_url, "GATEWAY_REDIS__PREFIX": prefix}
        given = {name: value for name, value in stack.gateway.items() if name.startswith(_FROM_STACK)}
        variables = {**realm.variables, **named(PATIENT), **given, **own}
        with served_gateway(variables) as served:
            yield _pasted([_filled(each.script, served.url, stack, variables) for each in _BLOCKS])


def _filled(script: str, url: str, stack: Stack, variables: Mapping[str, str]) -> str:
    """Put in what a reader would: the address, and what he reads in his mail and at his terminal."""

    def filled_in(asked: re.Match[str]) -> str:
        if printed := _PRINTED.get(asked["name"]):
            return f"{asked['name']}={stack.gateway[printed]}"
        if words := _COMMANDS.get(asked["name"]):
            return f"{asked['name']}={shlex.quote(typed(variables, *words).stdout.strip())}"
        command = [sys.executable, "-m", "tests.servers.newest_key", str(stack.mails), *_ON_MAILS[asked["name"]]]
        return f"{asked['name']}=$({shlex.join(command)})"

    return _TYPED.sub(filled_in, _ADDRESS.sub(f"GATEWAY={url}", script))


def _pasted(scripts: Sequence[str]) -> list[str]:
    ended = subprocess.run(  # noqa: S603 - what our own README says
        ["bash", "-c", r"printf '\0';".join(f"{each}\n" for each in scripts)],  # noqa: S607 - a reader's own shell
        env={**without_gateway(), "no_proxy": "127.0.0.1", "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=True,
    )
    assert ended.stderr == ""
    return ended.stdout.split("\0")


def test_every_call_that_is_not_kept_for_the_next_shows_its_answer() -> None:
    calls = [block for block in _BLOCKS if re.search(r"^curl ", block.script, re.MULTILINE)]
    assert calls
    assert [block.script for block in calls if block.answer is None] == []
    assert _README.count("curl -") == sum(block.script.count("curl -") for block in _BLOCKS)
    assert len(_ADDRESS.findall("".join(block.script for block in _BLOCKS))) == 1


def test_every_operation_has_a_call_but_those_that_are_not_served_yet() -> None:
    called = {re.sub(r"\$\w+", "{}", path) for path in re.findall(r"\$GATEWAY(/[^\s\"?]+)", _README)}
    surfaces = [surface for surface in SURFACES if surface.name in _README and surface is not backchannel_logout]
    paths = {re.sub(r"{\w+}", "{}", each.path) for surface in surfaces for each in surface.operations}
    assert called == {path for path in paths if not path.startswith("/saml/")}


@pytest.mark.parametrize("number", _SHOWN)
def test_call_is_answered_as_shown(answers: Sequence[str], number: int) -> None:
    shown, told = _read(_BLOCKS[number].answer or ""), _read(answers[number])
    assert list(told) == list(shown), _BLOCKS[number].script
    assert {name: told[name] for name in shown if not _is_alike(name, shown[name], told[name])} == {}


def _read(answer: str) -> Mapping[str, Any]:
    """Read an answer's members; with a head, its lines before them."""
    head, _, body = answer.strip().rpartition("\n\n")
    told: Any = json.loads(body)
    members: Mapping[str, Any] = told if isinstance(told, dict) else {"told": told}
    status, *lines = head.splitlines() or [""]
    headers = {name: value for name, _, value in (line.partition(": ") for line in lines)}
    return {"status": status, **headers, **dict(_flat(members))}


def _flat(members: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Name the members of an object in the answer by both names."""
    for name, value in members.items():
        if isinstance(value, dict) and value:
            yield from ((f"{name}.{inner}", each) for inner, each in value.items())
        else:
            yield name, value


def _is_alike(name: str, shown: object, told: object) -> bool:
    if pattern := _VARIABLE.get(name):
        return type(shown) is type(told) and all(re.fullmatch(pattern, str(each)) for each in (shown, told))
    if name == "expires_in":
        # Keycloak counts whole seconds, and some may end while it answers on a busy machine.
        return isinstance(told, int) and isinstance(shown, int) and 0 <= shown - told <= 10
    if name == "scope":
        # Keycloak lists them as they come; their order says nothing (RFC 6749 section 3.3).
        return sorted(str(shown).split()) == sorted(str(told).split())
    if name == "roles":
        # Keycloak names one of them for the realm.
        return _without_realm(shown) == _without_realm(told)
    if isinstance(shown, str) and shown.endswith("…"):
        return isinstance(told, str) and told.startswith(shown[:-1])
    return shown == told


def _without_realm(roles: object) -> object:
    return [re.sub("^default-roles-.*", "default-roles", each) for each in roles] if isinstance(roles, list) else roles
