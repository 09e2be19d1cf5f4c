import tempfile
from pathlib import Path

import pytest

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
