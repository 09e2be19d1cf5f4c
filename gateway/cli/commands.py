"""What an operator types, but for invitations."""

import json
import secrets
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from gateway import settings as gateway_settings
from gateway.app import EXAMINED, SURFACES, create_app, examine
from gateway.cli.running import done, one_sentence
from gateway.domain.findings import Finding
from gateway.identity.use_cases import Identity
from gateway.web import logs, openapi, server

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help="The identity gateway for Keycloak.",
)


@cli.command()
def serve() -> None:
    """Serve the API documents until SIGTERM or Ctrl-C."""
    with one_sentence():
        settings = gateway_settings.load()
        logs.configure(settings.log)
        with server.Ports.bound(settings.server) as ports:
            uvloop.run(server.serve(create_app(settings), ports, settings.server))


@cli.command("openapi")
def write_documents(
    write: Annotated[Path | None, typer.Option(help="Write one file for each surface into this folder.")] = None,
) -> None:
    """Print the OpenAPI 3.1 documents, or write them into a folder."""
    documents = {surface.name: openapi.document(surface) for surface in SURFACES}
    if write is None:
        typer.echo(json.dumps(documents, indent=2, ensure_ascii=False))
        return
    try:
        _write_into(write, documents)
    except OSError as error:
        reason = error.strerror or error
        typer.echo(f"{write} cannot be written ({reason}): name another folder with --write", err=True)
        raise typer.Exit(1) from None


def _write_into(folder: Path, documents: Mapping[str, object]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in documents.items():
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        (folder / f"{name}.json").write_text(text, encoding="utf-8")


@cli.command("settings")
def show_settings(
    *, markdown: Annotated[bool, typer.Option(help="Print the page of the documentation.")] = False
) -> None:
    """List every setting with its type, default and meaning."""
    described = gateway_settings.describe()
    typer.echo(gateway_settings.markdown(described) if markdown else gateway_settings.plain(described))


@cli.command()
def doctor(*, as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False) -> None:
    """Examine the settings, Keycloak, Redis, the mail server and the clocks; say what should be mended, and how.

    Ends with 1 when something does not work as it is, otherwise with 0.
    """
    with one_sentence():
        settings = gateway_settings.load()
        logs.configure(settings.log, sys.stderr)
        found = uvloop.run(examine(settings))
    typer.echo(json.dumps([asdict(each) for each in found], indent=2) if as_json else _report(found))
    if any(each.level == "fault" for each in found):
        raise typer.Exit(1)


def _report(found: Sequence[Finding]) -> str:
    """Write one line for each finding, and one for each thing that nothing was found about."""
    about = {each.about for each in found}
    well = [f"ok       {name}" for name in ("settings", *EXAMINED) if name not in about]
    return "\n".join([*well, *(f"{each.level:8} {each.about}: {each.text}" for each in found)])


@cli.command("unlock")
def lift_lock(name: Annotated[str, typer.Argument(help="E-mail address or user name.")]) -> None:
    """Forget the wrong tries that have locked an account."""

    async def lift(identity: Identity) -> str:
        return await identity.locks.lift(name)

    typer.echo(f"unlocked: {done(lift)}")


@cli.command("org-steps")
def organization_steps(
    alias: Annotated[str, typer.Argument(help="The organization.")],
    steps: Annotated[
        str | None, typer.Argument(help='Its sign-in steps as JSON, such as [["password"],["otp"]].')
    ] = None,
) -> None:
    """Show an organization's sign-in steps, or set them."""

    async def show(identity: Identity) -> str:
        return await identity.organization_steps.show(alias) or "the default of GATEWAY_SIGN_IN__STEPS"

    async def write(identity: Identity) -> str:
        await identity.organization_steps.write(alias, steps or "")
        return steps or ""

    typer.echo(done(show if steps is None else write))


@cli.command("scoped-token")
def scoped_token(
    scope: Annotated[str, typer.Option(help="What it allows, such as fetch:config.")],
    user: Annotated[str, typer.Option(help="Keycloak user id, or what a service is called.")],
    ttl: Annotated[int, typer.Option(min=1, max=86400, help="Seconds it is good.")] = 3600,
) -> None:
    """Print a token with which a service may do one thing for one account."""

    async def issue(identity: Identity) -> str:
        token_id = secrets.token_urlsafe(16)
        return await identity.account_tokens.issue_for(scope, token_id, timedelta(seconds=ttl), user)

    typer.echo(done(issue))
