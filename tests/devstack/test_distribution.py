import hashlib
import os
import zipfile
from pathlib import Path

import pytest

from devstack import distribution
from devstack.cache import Cache
from devstack.faults import StackFault


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A small stand-in for the distribution."""
    file = tmp_path / "server.zip"
    with zipfile.ZipFile(file, "w") as packed:
        script = zipfile.ZipInfo("server-1/bin/run.sh")
        script.external_attr = 0o100755 << 16
        packed.writestr(script, "#!/bin/sh\n")
        packed.writestr("server-1/lib/part.jar", b"part" * 1000)
    return file


def test_unpacked_without_its_top_folder_and_scripts_stay_executable(archive: Path, tmp_path: Path) -> None:
    distribution.unzip(archive, tmp_path / "server")
    assert os.access(tmp_path / "server" / "bin" / "run.sh", os.X_OK)
    assert (tmp_path / "server" / "lib" / "part.jar").stat().st_size == 4000


def test_only_the_whole_file_is_genuine(archive: Path) -> None:
    sha256 = hashlib.sha256(archive.read_bytes()).hexdigest()
    assert distribution.is_genuine(archive, sha256)
    archive.write_bytes(archive.read_bytes()[:-1])
    assert not distribution.is_genuine(archive, sha256)
    assert not distribution.is_genuine(archive.with_name("absent.zip"), sha256)


def test_truncated_file_that_was_named_is_refused_with_the_remedy(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STACK_KEYCLOAK_ZIP", str(archive))
    with pytest.raises(StackFault, match=r"is not the published file.*STACK_KEYCLOAK_ZIP") as fault:
        distribution.unpack(Cache(tmp_path / "cache"), tmp_path / "server")
    assert "\n" not in str(fault.value)


def test_a_kept_file_with_other_bytes_is_brought_again(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = archive.read_bytes()
    monkeypatch.setenv("STACK_KEYCLOAK_ZIP", str(archive))
    monkeypatch.setattr(distribution, "is_genuine", lambda file: file.read_bytes() == genuine)
    cache = Cache(tmp_path / "cache")
    distribution.unpack(cache, tmp_path / "first")
    (kept,) = cache.root.glob("*/*.zip")
    kept.write_bytes(genuine[:-1] + b"x")
    distribution.unpack(cache, tmp_path / "second")
    assert kept.read_bytes() == genuine
    assert (tmp_path / "second" / "bin" / "run.sh").exists()


def test_no_network_is_a_sentence_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("M2_REPO", str(tmp_path / "empty"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StackFault, match=r"cannot be downloaded .*no answer.*connect to the network") as fault:
        distribution.unpack(Cache(tmp_path / "cache"), tmp_path / "server")
    assert "\n" not in str(fault.value)
