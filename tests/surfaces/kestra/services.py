"""Services, which call with a token that an operator has made for them."""

from collections.abc import Mapping

from tests.servers.commands import typed

INVITING = "invitation:create"


def service_token(variables: Mapping[str, str], scope: str = INVITING, user: str = "a-service") -> str:
    """Make the token of a service, which acts for a person where that is one's id."""
    done = typed(variables, "scoped-token", "--scope", scope, "--user", user)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
