"""`gateway access-client`: how an access client comes to exist (cyclos contract section 9)."""

from typing import Annotated

import typer

from gateway.cli.commands import cli
from gateway.cli.running import done
from gateway.identity.use_cases import Identity


@cli.command("access-client")
def access_client(
    person: Annotated[str, typer.Argument(help="E-mail address or user name of whom it acts for.")],
    name: Annotated[str, typer.Argument(help="What the client is to be called, such as `till 3`.")],
) -> None:
    """Print a code with which the person activates an access client, once, within 24 hours."""

    async def make(identity: Identity) -> str:
        return await identity.activations.make_code(person, name)

    typer.echo(done(make))
