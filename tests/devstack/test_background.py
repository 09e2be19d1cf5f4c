"""The stack in the background, as `make stack` starts it; real servers, so few tests."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from devstack.admin import Admin
from devstack.background import Background
from devstack.environment import PROJECT
from devstack.stack import Stack
from gateway.settings import load
from tests.devstack.processes import python


def _devstack(folder: Path, command: str) -> str:
    ended = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "devstack", "--folder", str(folder), command],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def _ports(variables: dict[str, str]) -> list[int]:
    urls = [urlsplit(variables[name]) for name in ("STACK_KEYCLOAK_URL", "STACK_REDIS_URL")]
    return [int(variables["STACK_SMTP_PORT"]), *(url.port or 0 for url in urls)]


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _all_closed(ports: list[int]) -> bool:
    deadline = time.monotonic() + 30
    while any(map(_is_open, ports)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def test_stack_goes_up_once_and_down_again(tmp_path: Path) -> None:
    background = Background(tmp_path / ".stack")
    assert "The stack runs" in _devstack(background.folder, "up")
    variables = background.variables()
    assert "already runs" in _devstack(background.folder, "up")
    assert background.variables() == variables

    stack = Stack.of(variables)
    assert stack
    admin = Admin.signed_in(stack.keycloak_url, stack.keycloak_admin, stack.keycloak_admin_password)
    assert admin.get("/demo")["smtpServer"]["port"] == str(stack.smtp_port)
    assert load(stack.gateway).keycloak.url == stack.keycloak_url
    assert background.env.stat().st_mode & 0o077 == 0
    assert "No mail yet" in _devstack(background.folder, "mails")

    assert "has stopped" in _devstack(background.folder, "down")
    assert not background.env.exists()
    assert _all_closed(_ports(variables))
    assert "No stack was running" in _devstack(background.folder, "down")


def test_servers_end_when_their_keeper_is_killed(tmp_path: Path) -> None:
    background = Background(tmp_path / ".stack")
    _devstack(background.folder, "up")
    variables = background.variables()
    os.kill(int(variables["STACK_PID"]), signal.SIGKILL)
    assert _all_closed(_ports(variables))
    assert background.variables() == {}
    assert "No stack was running" in _devstack(background.folder, "down")
    assert not background.env.exists()


def test_process_of_somebody_else_is_never_ended(tmp_path: Path) -> None:
    with python("input()") as bystander:
        (tmp_path / "lock").write_text(str(bystander.pid), encoding="ascii")
        (tmp_path / "env").write_text(f"STACK_PID={bystander.pid}\n", encoding="utf-8")
        background = Background(tmp_path)
        assert background.keeper() is None
        assert background.variables() == {}
        assert not background.down()
        assert bystander.poll() is None
        bystander.kill()


@pytest.mark.parametrize("missing", ["STACK_REDIS_URL", "STACK_MAILS"])
def test_stack_with_a_variable_missing_is_none(missing: str) -> None:
    whole = {
        "STACK_KEYCLOAK_URL": "http://127.0.0.1:1",
        "STACK_KEYCLOAK_ADMIN": "admin",
        "STACK_KEYCLOAK_ADMIN_PASSWORD": "p",
        "STACK_REDIS_URL": "redis://127.0.0.1:1/0",
        "STACK_SMTP_HOST": "127.0.0.1",
        "STACK_SMTP_PORT": "25",
        "STACK_MAILS": "/tmp/mails",  # noqa: S108 - never opened
        "GATEWAY_REDIS__URL": "redis://127.0.0.1:1/0",
    }
    read = Stack.of(whole)
    assert read
    assert read.variables == whole
    assert Stack.of({name: value for name, value in whole.items() if name != missing}) is None
