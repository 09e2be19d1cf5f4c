"""A way to Redis on which answers get lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Cutter:
    """Passes everything on, until told to lose answers: then Redis has done what was asked and nobody hears of it.

    Attributes:
        answers_to_pass: how many of the next answers arrive before any is lost.
        answers_to_cut: how many of the next answers are lost, each with its connection.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self.answers_to_pass = 0
        self.answers_to_cut = 0

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """Listen, and tell the address."""
        server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        async with server:
            yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        redis_reader, redis_writer = await asyncio.open_connection("127.0.0.1", self._port)
        questions = asyncio.create_task(self._pass_questions(reader, redis_writer))
        while answer := await redis_reader.read(65536):
            if self._is_cut():
                break
            writer.write(answer)
        writer.close()
        await questions

    def _is_cut(self) -> bool:
        if self.answers_to_cut and self.answers_to_pass:
            self.answers_to_pass -= 1
            return False
        is_cut = self.answers_to_cut > 0
        self.answers_to_cut -= is_cut
        return is_cut

    async def _pass_questions(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while question := await reader.read(65536):
            writer.write(question)
        writer.close()
