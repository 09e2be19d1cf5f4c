import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

Write = Callable[[bytes | str], str]


@pytest.fixture
def file(tmp_path: Path) -> Write:
    """Write a file, return its path."""

    def write(content: bytes | str) -> str:
        path = tmp_path / secrets.token_hex(4)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return write
