"""Programs of the tests' own, in a process of their own."""

import subprocess
import sys

from devstack.environment import PROJECT

_HEARS_CTRL_C = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
"""Where the tests were started in the background, they and what they start are deaf to it."""


def python(program: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a Python program; its input and output are pipes."""
    return subprocess.Popen(  # noqa: S603 - programs that stand in the tests
        [sys.executable, "-c", _HEARS_CTRL_C + program, *arguments],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
