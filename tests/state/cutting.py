"""A way to Redis on which answers get lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.servers.streams import close, serving


class Cutter:
    """Passes everything on, until told to lose answers: then Redis has done what was asked and nobody hears of it.

    Attributes:
        answers_to_pass: how many of the next answers arrive before any is lost.
        answers_to_cut: how many of the next answers are lost, each with its connection.
        tells_forgotten: whether a connection that was forgotten is reset when it is used; otherwise nothing comes back.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._times_forgotten = 0
        self.tells_forgotten = False
        self.answers_to_pass = 0
        self.answers_to_cut = 0

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """Listen, and tell the address."""
        async with serving(self._pass_on) as port:
            yield f"redis://127.0.0.1:{port}"

    def forget(self) -> None:
        """Pass nothing more on from connections that are open, as a firewall that finds them idle."""
        self._times_forgotten += 1

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        redis_reader, redis_writer = await asyncio.open_connection("127.0.0.1", self._port)
        questions = asyncio.create_task(self._pass_questions(reader, redis_writer, writer))
        try:
            while answer := await redis_reader.read(65536):
                if self._is_cut():
                    break
                writer.write(answer)
            writer.close()
            await questions
        finally:
            questions.cancel()
            await close(redis_writer)

    def _is_cut(self) -> bool:
        if self.answers_to_cut and self.answers_to_pass:
            self.answers_to_pass -= 1
            return False
        is_cut = self.answers_to_cut > 0
        self.answers_to_cut -= is_cut
        return is_cut

    async def _pass_questions(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, back: asyncio.StreamWriter
    ) -> None:
        times_forgotten = self._times_forgotten
        while question := await reader.read(65536):
            if times_forgotten == self._times_forgotten:
                writer.write(question)
            elif self.tells_forgotten:
                back.transport.abort()
        writer.close()
