"""Mail servers to send to: real ones, of which each test starts its own."""

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from devstack.children import Child, accepts, free_port, running, wait_until
from devstack.environment import PROJECT, without_gateway

_START_TIME = 20.0


@dataclass(slots=True)
class Server:
    """Keeps what it takes, and refuses what it is told to.

    Attributes:
        mail_answer: reply to MAIL.
        recipient_answer: reply to RCPT.
        data_answer: reply to the mail itself.
        envelopes: what was taken.
        encrypted: whether each of them came by TLS.
        users: who signed in, with what.
    """

    mail_answer: str = "250 OK"
    recipient_answer: str = "250 OK"
    data_answer: str = "250 Kept"
    envelopes: list[Envelope] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    users: list[tuple[bytes, bytes]] = field(default_factory=list)
    port: int = 0

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer who sends."""
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.mail_answer

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer who gets it."""
        if self.recipient_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Keep it."""
        if self.data_answer.startswith("250"):
            self.envelopes.append(envelope)
            self.encrypted.append(session.ssl is not None)
        return self.data_answer

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: LoginPassword
    ) -> AuthResult:
        """Let anybody in whose password is right."""
        self.users.append((given.login, given.password))
        return AuthResult(success=given.password == b"right password", handled=False)

    def content(self) -> bytes:
        """Return the one mail that was taken, byte by byte."""
        (envelope,) = self.envelopes
        content = envelope.original_content
        assert content is not None
        return content


@asynccontextmanager
async def listening(
    server: Server,
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    sign_in: bool = False,
    utf8: bool = True,
) -> AsyncIterator[Server]:
    """Listen until the block ends.

    Args:
        server: what takes the mails.
        starttls: offer TLS after STARTTLS, and take nothing without it.
        tls: speak TLS from the first byte.
        sign_in: take nothing from strangers.
        utf8: know addresses that are not ASCII.
    """

    def protocol() -> SMTP:
        return SMTP(
            server,
            hostname="localhost",
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_required=sign_in,
            authenticator=server.authenticate,
            enable_SMTPUTF8=utf8,
        )

    listener = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=tls)
    async with listener:
        server.port = listener.sockets[0].getsockname()[1]
        yield server


@dataclass(frozen=True, slots=True)
class Process:
    """A mail server that can be frozen."""

    child: Child
    port: int
    mails: Path


@contextmanager
def mail_process(folder: Path) -> Iterator[Process]:
    """Run one until the block ends."""
    port, mails = free_port(), folder / "mails"
    mails.mkdir()
    command = [sys.executable, "-m", "devstack.mail_catcher", str(port), str(mails)]
    environment = without_gateway() | {"PYTHONPATH": str(PROJECT)}
    with running("The mail server", command, log=folder / "log", environment=environment) as child:
        wait_until(child, lambda: accepts(port), within=_START_TIME)
        yield Process(child, port, mails)
