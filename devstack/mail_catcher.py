"""Catches mail instead of delivering it: `python -m devstack.mail_catcher PORT FOLDER [--show]`."""

import argparse
import asyncio
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from devstack.children import accepts, free_port, running, wait_until
from devstack.environment import PROJECT, without_gateway
from devstack.mails import Mail, parsed

_START_TIME = 20.0


@dataclass(frozen=True, slots=True)
class MailCatcher:
    """A mail server that delivers nothing.

    Attributes:
        host: where it listens.
        port: on which port.
        mails: folder of the mails, one `.eml` file each.
    """

    host: str
    port: int
    mails: Path


@contextmanager
def running_mail_catcher(folder: Path, *, show: bool) -> Iterator[MailCatcher]:
    """Catch mail until the block ends.

    Args:
        folder: an empty one for mails and log.
        show: print each mail to the terminal.
    """
    catcher = MailCatcher("127.0.0.1", free_port(), folder / "mails")
    catcher.mails.mkdir()
    command = [sys.executable, "-m", "devstack.mail_catcher", str(catcher.port), str(catcher.mails)]
    environment = without_gateway() | {"PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"}
    log = None if show else folder / "log"
    with running("The mail catcher", command + ["--show"] * show, log=log, environment=environment) as child:
        wait_until(child, lambda: accepts(catcher.port), within=_START_TIME)
        yield catcher


@dataclass(frozen=True, slots=True)
class _Keeper:
    """Writes what comes into the folder."""

    folder: Path
    show: bool

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Keep one mail; the file appears whole."""
        content = envelope.original_content or b""
        receivers = ", ".join(envelope.rcpt_tos)
        beside = self.folder / f".{secrets.token_hex(8)}"
        beside.write_bytes(f"X-Envelope-To: {receivers}\r\n".encode() + content)
        number = len(list(self.folder.glob("*.eml"))) + 1
        kept = beside.rename(self.folder / f"{number:06}-{secrets.token_hex(4)}.eml")
        if self.show:
            print(Mail.of(parsed(kept)), flush=True)
        return "250 Kept"


async def _catch(port: int, keeper: _Keeper) -> None:
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(keeper, hostname="localhost", enable_SMTPUTF8=True), "127.0.0.1", port
    )
    await server.serve_forever()


def main() -> None:
    """Catch mail until the process is ended."""
    arguments = argparse.ArgumentParser(description="Catch mail instead of delivering it.")
    arguments.add_argument("port", type=int)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--show", action="store_true", help="print each mail")
    given = arguments.parse_args()
    asyncio.run(_catch(given.port, _Keeper(given.folder, given.show)))


if __name__ == "__main__":
    main()
