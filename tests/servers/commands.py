"""What operators type, in a process of its own as they would."""

import subprocess
import tempfile
from collections.abc import Mapping

from devstack.environment import without_gateway
from tests.servers.processes import forker

_PATIENCE = 60


def typed(variables: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `gateway …`.

    Args:
        variables: the gateway's settings, and no others.
        arguments: what is typed behind it.
    """
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        process = forker().start(arguments, {**without_gateway(), **variables}, stdout, stderr)
        try:
            status = process.wait(_PATIENCE)
        finally:
            process.kill()
        written = []
        for each in (stdout, stderr):
            each.seek(0)
            written.append(each.read().decode())
    return subprocess.CompletedProcess(["gateway", *arguments], status, *written)
