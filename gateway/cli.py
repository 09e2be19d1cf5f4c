"""What an operator types."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from gateway import settings as gateway_settings
from gateway.app import SURFACES, SetupFault, create_app
from gateway.web import logs, openapi, server

_UNUSABLE_SETTINGS = 2

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help="The identity gateway for Keycloak.",
)


@cli.command()
def serve() -> None:
    """Serve the API documents until SIGTERM or Ctrl-C."""
    with _one_sentence():
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
    write.mkdir(parents=True, exist_ok=True)
    for name, document in documents.items():
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        (write / f"{name}.json").write_text(text, encoding="utf-8")


@cli.command("settings")
def show_settings(
    *, markdown: Annotated[bool, typer.Option(help="Print the page of the documentation.")] = False
) -> None:
    """List every setting with its type, default and meaning."""
    described = gateway_settings.describe()
    typer.echo(gateway_settings.markdown(described) if markdown else gateway_settings.plain(described))


@contextmanager
def _one_sentence() -> Iterator[None]:
    """Say what an operator can mend in plain words, without a traceback."""
    try:
        yield
    except gateway_settings.SettingsError as error:
        typer.echo(f"The settings cannot be used:\n{error}", err=True)
        raise typer.Exit(_UNUSABLE_SETTINGS) from None
    except (server.PortTaken, SetupFault) as error:
        typer.echo(f"The gateway cannot start: {error}", err=True)
        raise typer.Exit(1) from None


def main() -> None:
    """Run the `gateway` command."""
    cli()
