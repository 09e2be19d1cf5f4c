import json
import multiprocessing
from pathlib import Path

import pytest

from devstack.cache import Cache
from devstack.faults import StackFault
from tests.devstack.processes import python

_HOLD = (
    "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX); print('held', flush=True); input()"
)


class _Making:
    """Counts how often an entry is made."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, folder: Path) -> None:
        self.times += 1
        (folder / "inner").mkdir()
        (folder / "inner" / "file").write_text("content", encoding="utf-8")


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def make() -> _Making:
    return _Making()


def test_entry_is_made_once(cache: Cache, make: _Making) -> None:
    assert cache.entry("thing", make) == cache.entry("thing", make)
    assert make.times == 1


def test_entry_without_its_record_is_made_again(cache: Cache, make: _Making) -> None:
    place = cache.root / "thing"
    (place / "inner").mkdir(parents=True)
    (place / "inner" / "half").write_text("cont", encoding="utf-8")
    cache.entry("thing", make)
    assert make.times == 1
    assert not (place / "inner" / "half").exists()


@pytest.mark.parametrize("damage", ["shorter", "gone", "record cut short"])
def test_damaged_entry_is_made_again(cache: Cache, make: _Making, damage: str) -> None:
    place = cache.entry("thing", make)
    file = place / "inner" / "file"
    if damage == "shorter":
        file.write_text("cont", encoding="utf-8")
    elif damage == "gone":
        file.unlink()
    else:
        record = place / ".complete"
        record.write_text(record.read_text(encoding="utf-8")[:5], encoding="utf-8")
    cache.entry("thing", make)
    assert make.times == 2
    assert file.read_text(encoding="utf-8") == "content"


def test_failed_making_leaves_nothing_behind(cache: Cache, make: _Making) -> None:
    def fail(folder: Path) -> None:
        make(folder)
        raise StackFault("no network")

    with pytest.raises(StackFault, match="no network"):
        cache.entry("thing", fail)
    assert [path.name for path in cache.root.iterdir()] == ["thing.lock"]
    cache.entry("thing", make)


def test_leftover_of_a_killed_maker_is_cleared(cache: Cache, make: _Making) -> None:
    leftover = cache.root / ".thing.abc123"
    leftover.mkdir(parents=True)
    cache.entry("thing", make)
    assert not leftover.exists()


def test_lock_of_a_killed_process_is_not_waited_for(cache: Cache, make: _Making) -> None:
    cache.root.mkdir()
    with python(_HOLD, str(cache.root / "thing.lock")) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        holder.kill()
        holder.wait()
    assert cache.entry("thing", make).is_dir()


def _make_slowly(root: Path, log: Path) -> None:
    def make(folder: Path) -> None:
        with log.open("a", encoding="utf-8") as file:
            file.write("made\n")
        for number in range(200):
            (folder / str(number)).write_text("content", encoding="utf-8")

    place = Cache(root).entry("thing", make)
    assert len(list(place.iterdir())) == 201


def test_processes_that_want_the_same_entry_make_it_once(cache: Cache, tmp_path: Path) -> None:
    spawning = multiprocessing.get_context("fork")
    log = tmp_path / "log"
    makers = [spawning.Process(target=_make_slowly, args=(cache.root, log)) for _ in range(4)]
    for each in makers:
        each.start()
    for each in makers:
        each.join(30)
    assert [each.exitcode for each in makers] == [0, 0, 0, 0]
    assert log.read_text(encoding="utf-8") == "made\n"


def test_folder_that_cannot_be_written_is_a_sentence_with_the_remedy(tmp_path: Path, make: _Making) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StackFault, match=r"cannot be written .*STACK_CACHE=") as fault:
        Cache(tmp_path / "file" / "cache").entry("thing", make)
    assert "\n" not in str(fault.value)


def test_record_counts_files_and_bytes(cache: Cache, make: _Making) -> None:
    place = cache.entry("thing", make)
    assert json.loads((place / ".complete").read_text(encoding="utf-8")) == {"files": 1, "bytes": 7}
