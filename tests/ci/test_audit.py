"""What `make check` makes of an audit: holes, no holes, nobody there, and a check that is broken."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from devstack.children import free_port
from devstack.environment import PROJECT

_LOCKED = "{}==1.0 --hash=sha256:" + "a" * 64 + "\n"
_HOLE = {"id": "HOLE-1", "affected": [{"package": {"name": "holed", "ecosystem": "PyPI"}, "versions": ["1.0"]}]}


class _Advisories(BaseHTTPRequestHandler):
    """Knows one hole, in the package `holed`; is in trouble over `trouble`."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["package"]["name"]
        body = json.dumps({"vulns": [_HOLE]} if asked == "holed" else {}).encode()
        self.send_response(503 if asked == "trouble" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def advisories() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Advisories) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def _locked(folder: Path, *names: str) -> str:
    file = folder / f"{'-'.join(names)}.txt"
    file.write_text("".join(map(_LOCKED.format, names)), encoding="utf-8")
    return str(file)


def _audited(address: str, *files: str) -> subprocess.CompletedProcess[str]:
    there = {"PIP_AUDIT_VULNERABILITY_SERVICE": "osv", "PIP_AUDIT_OSV_URL": address, "NO_PROXY": "127.0.0.1"}
    surroundings: Mapping[str, str] = {**os.environ, **there}  # noqa: TID251 - what the script's own tool reads
    return subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(PROJECT / ".ci" / "audit.py"), *files],
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_no_hole_is_fine(advisories: str, tmp_path: Path) -> None:
    ended = _audited(advisories, _locked(tmp_path, "sound", "solid"))
    assert ended.returncode == 0, ended.stderr
    assert "2 packages audited, 0 known holes" in ended.stdout


def test_a_hole_in_one_of_the_files_is_told_with_its_file(advisories: str, tmp_path: Path) -> None:
    good, bad = _locked(tmp_path, "sound"), _locked(tmp_path, "solid", "holed")
    ended = _audited(advisories, good, bad)
    assert ended.returncode == 1, ended.stderr
    assert f"{bad}: holed 1.0: HOLE-1" in ended.stdout
    assert f"{good}: 1 packages audited, 0 known holes" in ended.stdout


@pytest.mark.parametrize("there", [True, False])
def test_an_index_that_does_not_answer_is_told_and_stops_nothing(
    advisories: str, tmp_path: Path, *, there: bool
) -> None:
    address = advisories if there else f"http://127.0.0.1:{free_port()}"
    ended = _audited(address, _locked(tmp_path, "trouble"))
    assert ended.returncode == 0, ended.stderr
    assert "NOT AUDITED, the index cannot be reached" in ended.stdout


def test_files_that_cannot_be_audited_are_no_success(advisories: str, tmp_path: Path) -> None:
    unhashed = tmp_path / "unhashed.txt"
    unhashed.write_text("sound==1.0\n", encoding="utf-8")
    for file in (str(unhashed), str(tmp_path / "absent.txt")):
        ended = _audited(advisories, _locked(tmp_path, "sound"), file)
        assert ended.returncode == 2, ended.stdout
        assert f"{file}: CANNOT BE AUDITED" in ended.stdout


def test_no_files_are_no_success() -> None:
    assert _audited("http://127.0.0.1:9").returncode == 2


def test_every_locked_file_is_audited() -> None:
    recipe = (PROJECT / "Makefile").read_text(encoding="utf-8")
    (line,) = (each.split() for each in recipe.splitlines() if ".ci/audit.py" in each)
    given = {path for pattern in line[2:] for path in PROJECT.glob(pattern)}
    assert given == set((PROJECT / "requirements").rglob("*.txt"))
