from pathlib import Path

import pytest

from tests.clients.installation import installed

_SEEN = """
import importlib.metadata
import importlib.util

print(importlib.metadata.version("{name}"), importlib.util.find_spec("pytest"))
"""


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("cyclos-sdk-py-0.2", "0.2.7"),
        ("kestrapy-1.0", "1.0.4"),
        ("pipeshub-sdk-1.0", "1.0.1"),
        ("pipeshub-sdk-1.7", "1.7.0"),
    ],
)
def test_a_client_is_the_published_one_and_sees_nothing_of_ours(tmp_path: Path, name: str, version: str) -> None:
    (tmp_path / "script.py").write_text(_SEEN.format(name=name.rpartition("-")[0]), encoding="utf-8")
    client = installed(name)
    inode = client.folder.stat().st_ino
    with client.running(tmp_path / "script.py") as process:
        assert process.communicate()[0] == f"{version} None\n"
    assert installed(name).folder.stat().st_ino == inode, "running it made the cache install it again"
