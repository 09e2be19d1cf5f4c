"""Hands mails to the mail server: encrypted, bounded in time, one connection each."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Self

import structlog
from aiosmtplib import SMTP, SMTPException

from gateway.domain.mail_addresses import mail_address
from gateway.domain.mails import MailOutcome
from gateway.mail.errors import is_permanent, report_impossible, trouble_as_unavailable
from gateway.mail.letters import Letter, LetterWriter
from gateway.mail.messages import Message, Recipient
from gateway.mail.rendering import Renderer
from gateway.settings import MailSettings, SettingsError

_log = structlog.get_logger()

_FAREWELL = 1.0
"""Seconds for the server to say good-bye; the mail is its by then."""


class Sender:
    """Sends the gateway's own mails.

    A connection for each: they are few, and a kept one is closed by the server when it is needed.
    """

    def __init__(self, settings: MailSettings, renderer: Renderer, writer: LetterWriter) -> None:
        self._settings = settings
        self._renderer = renderer
        self._writer = writer
        # Made once: reading the system's authorities takes some 50 ms (security R8).
        self._tls = None if settings.security == "none" else ssl.create_default_context()
        self._look_up: asyncio.Task[None] | None = None

    @classmethod
    def open(cls, settings: MailSettings, clock: Callable[[], datetime]) -> Self:
        """Read the templates; nothing is sent yet, so the mail server need not be up (security R14).

        Args:
            settings: who takes the mails and what they look like.
            clock: says the time, with its zone.

        Raises:
            SettingsError: no mail server is set, or a template cannot be used.
        """
        if settings.host is None or settings.from_address is None:
            raise SettingsError(["GATEWAY_MAIL__HOST: required but not set; there are mails to be sent"])
        sender_name = settings.from_name or settings.service_name
        return cls(settings, Renderer(settings), LetterWriter(settings.from_address, sender_name, clock))

    async def send(self, message: Message, recipient: Recipient, mail_id: str) -> MailOutcome:
        """Hand a mail to the mail server.

        Args:
            message: what it says.
            recipient: who gets it.
            mail_id: the same for every attempt, such as the parcel's in the outbox; the Message-ID is made of it, so
                that a second copy is recognised as one.

        Raises:
            Unavailable: the mail server cannot be asked, or will not take it now; worth trying again.
        """
        try:
            address = mail_address(recipient.address)
        except ValueError:
            _log.warning("mail_refused", trouble="address")
            return MailOutcome.IMPOSSIBLE
        rendered = self._renderer.render(message, recipient.locale)
        return await self._deliver(self._writer.write(rendered, address, mail_id))

    async def try_out(self) -> None:
        """Call on the mail server as for a mail, sign-in included, and leave again.

        Raises:
            Unavailable: the mail server cannot be asked, or does not know the gateway.
        """
        connection = self._connection()
        try:
            with trouble_as_unavailable():
                async with asyncio.timeout(self._settings.timeout.total_seconds()):
                    await self._connect(connection)
            await _part(connection)
        finally:
            connection.close()

    async def _deliver(self, letter: Letter) -> MailOutcome:
        connection = self._connection()
        try:
            with trouble_as_unavailable():
                async with asyncio.timeout(self._settings.timeout.total_seconds()):
                    await self._connect(connection)
                    outcome = await _hand_over(connection, letter)
            await _part(connection)
        finally:
            connection.close()
        return outcome

    def _connection(self) -> SMTP:
        settings = self._settings
        return SMTP(
            hostname=settings.host,
            port=settings.port,
            # Named here, or the library would ask the resolver who this machine is.
            local_hostname=(settings.from_address or "").rpartition("@")[2],
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
            tls_context=self._tls,
            timeout=settings.timeout.total_seconds(),
        )

    async def _connect(self, connection: SMTP) -> None:
        async with asyncio.timeout(self._settings.connect_timeout.total_seconds()):
            await self._wait_for_the_look_up()
            await connection.connect()
        if self._settings.username is not None and self._settings.password is not None:
            await connection.login(self._settings.username, self._settings.password.get_secret_value())

    async def _wait_for_the_look_up(self) -> None:
        """Wait for one look-up, which all share: uvloop has two threads for them, and one that hangs ends very late."""
        if self._look_up is None or self._look_up.done():
            self._look_up = asyncio.create_task(self._looked_up())
        await asyncio.shield(self._look_up)

    async def _looked_up(self) -> None:
        loop = asyncio.get_running_loop()
        with suppress(OSError):  # which connecting tells as well
            await loop.getaddrinfo(self._settings.host, self._settings.port, type=socket.SOCK_STREAM)


async def _hand_over(connection: SMTP, letter: Letter) -> MailOutcome:
    options = ["SMTPUTF8"] if letter.needs_utf8 else []
    try:
        await connection.sendmail(letter.sender, [letter.recipient], letter.content, mail_options=options)
    except SMTPException as error:
        if not is_permanent(error):
            raise
        report_impossible(error)
        return MailOutcome.IMPOSSIBLE
    return MailOutcome.SENT


async def _part(connection: SMTP) -> None:
    """Say good-bye; a server that does not answer has taken the mail all the same."""
    with suppress(SMTPException, OSError):
        async with asyncio.timeout(_FAREWELL):
            await connection.quit()
