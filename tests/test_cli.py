"""What an operator who types `gateway …` gets to see."""

import json
import secrets
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from devstack.children import free_port
from devstack.environment import without_gateway
from gateway import settings as gateway_settings
from gateway.app import SURFACES
from gateway.web.openapi import document
from tests.servers.gateway import served_gateway
from tests.servers.waiting import until

_ROOT = Path(__file__).parents[1]
_CLIENTS = ("CLIENT", "VERIFIED_CLIENT", "CHECK_CLIENT", "ADMIN_CLIENT")


@pytest.fixture
def variables() -> dict[str, str]:
    """Settings that can be used, of a Keycloak and a Redis that are not there."""
    return {
        "GATEWAY_SECRET_KEYS": secrets.token_urlsafe(32),
        "GATEWAY_KEYCLOAK__URL": f"http://127.0.0.1:{free_port()}",
        "GATEWAY_KEYCLOAK__REALM": "acme",
        "GATEWAY_REDIS__URL": f"redis://127.0.0.1:{free_port()}/0",
        **{f"GATEWAY_KEYCLOAK__{client}_SECRET": secrets.token_urlsafe(32) for client in _CLIENTS},
    }


def _gateway(*arguments: str, variables: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the program under test
        [sys.executable, "-m", "gateway", *arguments],
        env={**without_gateway(), **(variables or {})},
        capture_output=True,
        text=True,
        check=False,
        cwd=_ROOT,
        timeout=60,
    )


def test_without_settings_all_that_is_missing_is_named_at_once() -> None:
    done = _gateway("serve")
    assert (done.returncode, done.stdout) == (2, "")
    lines = done.stderr.splitlines()
    assert lines[0] == "The settings cannot be used:"
    named = {line.partition(":")[0] for line in lines[1:]}
    assert named == {
        "GATEWAY_SECRET_KEYS",
        "GATEWAY_KEYCLOAK__URL",
        "GATEWAY_KEYCLOAK__REALM",
        "GATEWAY_KEYCLOAK__CLIENT_SECRET",
        "GATEWAY_KEYCLOAK__VERIFIED_CLIENT_SECRET",
        "GATEWAY_KEYCLOAK__CHECK_CLIENT_SECRET",
        "GATEWAY_KEYCLOAK__ADMIN_CLIENT_SECRET",
        "GATEWAY_REDIS__URL",
    }


def test_wrong_settings_are_all_named_without_their_secrets(variables: dict[str, str]) -> None:
    wrong = {
        "GATEWAY_KEYCLOAK__CLIENT_SECRET": "marked-short",
        "GATEWAY_SERVER__PORT": "http",
        "GATEWAY_SERVER__DEADLINE": "an hour",
        "GATEWAY_LOG__FORMAT": "xml",
        "GATEWAY_REDIS__URL": "redis://:marked-password@redis.example/0",
        "GATEWAY_SERVR__PORT": "1",
    }
    done = _gateway("serve", variables={**variables, **wrong})
    assert (done.returncode, done.stdout) == (2, "")
    assert not [name for name in wrong if name not in done.stderr]
    assert "marked" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["PORT", "MANAGEMENT_PORT"])
def test_a_port_that_is_taken_is_one_sentence(variables: dict[str, str], name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        number = str(other.getsockname()[1])
        ports = {"GATEWAY_SERVER__PORT": "0", "GATEWAY_SERVER__MANAGEMENT_PORT": "0"}
        done = _gateway("serve", variables={**variables, **ports, f"GATEWAY_SERVER__{name}": number})
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"The gateway cannot start: cannot listen on 127.0.0.1:{number} ")
    assert done.stderr.endswith(f"set GATEWAY_SERVER__{name} to a free port\n")
    assert done.stderr.count("\n") == 1


def test_it_serves_before_keycloak_and_redis_are_there(variables: dict[str, str]) -> None:
    with served_gateway(variables, wait_ready=False) as served, served.client() as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503
        answer = client.post("/api/iam/login", json={"user": "ann", "password": "x"})
        assert (answer.status_code, answer.json()) == (503, {"detail": "Service unavailable"})
        until(lambda: "keycloak_unreachable" in {event["event"] for event in served.events})


def test_the_documents_are_printed_without_any_settings() -> None:
    done = _gateway("openapi")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {surface.name: document(surface) for surface in SURFACES}


def test_the_documents_are_written_one_file_each(tmp_path: Path) -> None:
    folder = tmp_path / "docs" / "api"
    done = _gateway("openapi", "--write", str(folder))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    written = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in folder.iterdir()}
    assert written == {f"{surface.name}.json": document(surface) for surface in SURFACES}


@pytest.mark.parametrize("below", ["", "docs/api"])
def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path, below: str) -> None:
    file = tmp_path / "file"
    file.touch()
    done = _gateway("openapi", "--write", str(file / below))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{file / below} cannot be written (")
    assert done.stderr.endswith("): name another folder with --write\n")
    assert done.stderr.count("\n") == 1


def test_writing_the_documents_again_changes_nothing(tmp_path: Path) -> None:
    contents = []
    for _ in range(2):
        assert _gateway("openapi", "--write", str(tmp_path)).returncode == 0
        contents.append({path.name: path.read_bytes() for path in tmp_path.iterdir()})
    assert contents[0] == contents[1]


def test_every_setting_is_listed_without_any_settings() -> None:
    done = _gateway("settings")
    assert (done.returncode, done.stderr) == (0, "")
    assert not [each.name for each in gateway_settings.describe() if each.name not in done.stdout]


def test_the_page_of_the_documentation_is_what_the_command_prints() -> None:
    page = (_ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert _gateway("settings", "--markdown").stdout.rstrip("\n") == page.rstrip("\n")


def test_without_a_command_the_commands_are_listed() -> None:
    done = _gateway()
    assert not [command for command in ("serve", "doctor", "openapi", "settings") if command not in done.stdout]


@pytest.mark.parametrize("arguments", [("nonsense",), ("serve", "--nonsense"), ("openapi", "--write")])
def test_a_command_that_is_mistyped_is_explained(arguments: tuple[str, ...]) -> None:
    done = _gateway(*arguments)
    assert done.returncode == 2
    assert "Error" in done.stderr
    assert "Traceback" not in done.stderr
