"""Runs a command, and says in plain words why it could not be done."""

import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import typer
import uvloop

from gateway import settings as gateway_settings
from gateway.app import SetupFault, use_cases
from gateway.domain.errors import AccountNotFound, InvitationPending, TooManyAttempts, Unavailable
from gateway.identity.use_cases import Identity
from gateway.web import logs, server

_UNUSABLE = 2


@dataclass(frozen=True, slots=True)
class ExitCodes:
    """How a command ends that could not be done, so that scripts can tell why.

    Attributes:
        conflict: something is in the way.
        unknown: what was named is not there.
        unavailable: something cannot be asked.
    """

    conflict: int = 1
    unknown: int = 1
    unavailable: int = 1


_ONE = ExitCodes()


def done(command: Callable[[Identity], Awaitable[str]], codes: ExitCodes = _ONE) -> str:
    """Run one command on the use-cases."""

    async def run(settings: gateway_settings.Settings) -> str:
        async with use_cases(settings) as identity:
            try:
                return await command(identity)
            except ValueError as error:
                typer.echo(f"This cannot be used: {error}", err=True)
                raise typer.Exit(_UNUSABLE) from None

    with one_sentence(codes):
        settings = gateway_settings.load()
        logs.configure(settings.log, sys.stderr)
        return uvloop.run(run(settings))


@contextmanager
def one_sentence(codes: ExitCodes = _ONE) -> Iterator[None]:
    """Say what an operator can mend in plain words, without a traceback."""
    try:
        yield
    except gateway_settings.SettingsError as error:
        typer.echo(f"The settings cannot be used:\n{error}", err=True)
        raise typer.Exit(_UNUSABLE) from None
    except AccountNotFound:
        typer.echo("There is nobody and nothing of that name", err=True)
        raise typer.Exit(codes.unknown) from None
    except InvitationPending:
        typer.echo("The address has an invitation to the organization: --replace voids it", err=True)
        raise typer.Exit(codes.conflict) from None
    except TooManyAttempts as error:
        typer.echo(f"Enough for now: try again in {error.retry_after} seconds", err=True)
        raise typer.Exit(codes.conflict) from None
    except Unavailable as error:
        typer.echo(f"Cannot be done now: {error.dependency} cannot be asked", err=True)
        raise typer.Exit(codes.unavailable) from None
    except (server.PortTaken, SetupFault) as error:
        typer.echo(f"The gateway cannot start: {error}", err=True)
        raise typer.Exit(1) from None
