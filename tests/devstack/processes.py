"""Programs of the tests' own, in a process of their own."""

import subprocess
import sys

from devstack.environment import PROJECT


def python(program: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a Python program; its input and output are pipes."""
    return subprocess.Popen(  # noqa: S603 - programs that stand in the tests
        [sys.executable, "-c", program, *arguments],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
