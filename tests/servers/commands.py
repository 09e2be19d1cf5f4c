"""What operators type, in a process of its own as they would."""

import subprocess
import sys
from collections.abc import Mapping

from devstack.environment import without_gateway

_PATIENCE = 60


def typed(variables: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `gateway …`.

    Args:
        variables: the gateway's settings, and no others.
        arguments: what is typed behind it.
    """
    return subprocess.run(  # noqa: S603 - the program under test
        [sys.executable, "-m", "gateway", *arguments],
        env={**without_gateway(), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE,
    )
