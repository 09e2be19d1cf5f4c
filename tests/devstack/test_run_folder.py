import tempfile
from pathlib import Path

import pytest

from devstack.faults import StackFault
from devstack.run_folder import run_folder
from tests.devstack.processes import python

_HOLD = "from devstack.run_folder import run_folder\nwith run_folder() as folder: print(folder, flush=True); input()"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)


def test_folder_is_gone_after_the_run() -> None:
    with run_folder() as folder:
        (folder / "file").touch()
    assert not folder.exists()


def test_no_place_for_the_folder_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "file"))
    with (
        pytest.raises(StackFault, match=r"No folder can be made for the run \(.*\): .*TMPDIR=/some/folder"),
        run_folder(),
    ):
        raise AssertionError("there is no folder")


def test_what_fails_during_the_run_is_not_taken_for_the_folder() -> None:
    with pytest.raises(ConnectionRefusedError), run_folder() as folder:
        raise ConnectionRefusedError
    assert not folder.exists()


def test_folder_of_a_killed_run_is_cleared_by_the_next_one_and_no_earlier() -> None:
    with python(_HOLD) as other:
        assert other.stdout
        held = Path(other.stdout.readline().decode().strip())
        with run_folder():
            assert held.is_dir()
        other.kill()
    assert held.is_dir()
    with run_folder() as mine:
        assert not held.exists()
        assert mine.is_dir()
