"""Services, which call with a token that an operator has made for them."""

from collections.abc import Mapping

from tests.servers.commands import typed

INVITING = "invitation:create"


def service_token(variables: Mapping[str, str], scope: str = INVITING) -> str:
    """Make the token of a service."""
    done = typed(variables, "scoped-token", "--scope", scope, "--user", "a-service")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
