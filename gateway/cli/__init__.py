"""Owns the `gateway` command: what an operator types."""

from gateway.cli import access_client, invite
from gateway.cli.commands import cli

__all__ = ["access_client", "invite", "main"]


def main() -> None:
    """Run the `gateway` command."""
    cli()
