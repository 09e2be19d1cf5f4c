"""`python -m devstack run|up|down|mails`."""

import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from devstack import foreground, mails, signals
from devstack.background import Background
from devstack.environment import STACK_FOLDER
from devstack.faults import StackFault

cli = typer.Typer(no_args_is_help=True, add_completion=False, help="The development stack.")


@cli.callback()
def stack(
    context: typer.Context,
    folder: Annotated[Path, typer.Option(help="Where a stack in the background leaves its variables.")] = STACK_FOLDER,
) -> None:
    """Keycloak, Redis and a mail catcher as ordinary processes."""
    context.obj = Background(folder.absolute())


@cli.command()
def run(
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="The gateway's port; a free one when left out.")
    ] = None,
) -> None:
    """Run the stack and the gateway until Ctrl-C."""
    with suppress(KeyboardInterrupt):
        foreground.run(port)


@cli.command()
def up(context: typer.Context) -> None:
    """Start the stack in the background."""
    background: Background = context.obj
    started = background.up()
    print(f"The stack {'runs' if started else 'already runs'} (process {background.keeper()}).")
    print(f"Serve against it:  set -a; . {background.env}; set +a; gateway serve")


@cli.command()
def down(context: typer.Context) -> None:
    """Stop the stack in the background."""
    background: Background = context.obj
    print("The stack has stopped." if background.down() else "No stack was running.")


@cli.command("mails")
def show_mails(context: typer.Context) -> None:
    """Show the mails that the stack in the background has caught."""
    folder = context.obj.variables().get("STACK_MAILS")
    if folder is None:
        raise StackFault("No stack runs in the background: start one with `make stack`.")
    caught = [str(mails.Mail.of(mail)) for mail in mails.kept(Path(folder))]
    print("\n".join(caught) or "No mail yet.")


@cli.command(hidden=True)
def keep(context: typer.Context) -> None:
    """Keep the stack of the folder; `up` starts this."""
    with suppress(KeyboardInterrupt):
        context.obj.keep()


def main() -> int:
    """Run the command; say what stands in the way in one sentence."""
    signals.obey()
    try:
        cli()
    except StackFault as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
