"""Owns the `gateway` command: what an operator types."""

from gateway.cli import invite
from gateway.cli.commands import cli

__all__ = ["invite", "main"]


def main() -> None:
    """Run the `gateway` command."""
    cli()
