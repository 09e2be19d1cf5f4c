"""Services, which call with a token that an operator has made for them."""

import subprocess
import sys
from collections.abc import Mapping

from devstack.environment import without_gateway

INVITING = "invitation:create"


def service_token(variables: Mapping[str, str], scope: str = INVITING) -> str:
    """Make the token of a service."""
    command = [sys.executable, "-m", "gateway", "scoped-token", "--scope", scope, "--user", "a-service"]
    done = subprocess.run(  # noqa: S603 - the program under test
        command, env={**without_gateway(), **variables}, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()
