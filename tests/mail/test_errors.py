import asyncio
import time
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.domain.errors import Unavailable
from gateway.domain.mails import MailOutcome
from gateway.mail.messages import Recipient, SignInCode
from tests.mail.opening import sender
from tests.mail.servers import Server, listening, mail_process
from tests.servers.streams import serving

_ANN = Recipient("Ann@id.example", "en")
_CODE = SignInCode("Ann Example", "012345", timedelta(minutes=10))


@pytest.mark.parametrize(
    "answer", ["550 5.1.1 <Ann@id.example>: no such user", "550 no", "553 5.1.3 bad", "501 5.1.3 bad", "552 5.2.2 full"]
)
async def test_an_address_refused_for_good_is_not_worth_trying_again(answer: str) -> None:
    async with listening(Server(recipient_answer=answer)) as server:
        with capture_logs() as logs:
            assert await sender(port=server.port).send(_CODE, _ANN, "1-0") is MailOutcome.IMPOSSIBLE
    (entry,) = logs
    assert (entry["event"], entry["code"]) == ("mail_refused", int(answer[:3]))
    assert "ann" not in str(entry).lower()


@pytest.mark.parametrize(
    "answer",
    ["450 4.2.1 later", "451 greylisted", "550 5.7.1 relaying denied", "530 5.7.0 sign in first", "503 wrong order"],
)
async def test_a_server_that_would_take_it_later_is_worth_trying_again(answer: str) -> None:
    async with listening(Server(recipient_answer=answer)) as server:
        with capture_logs() as logs, pytest.raises(Unavailable) as refusal:
            await sender(port=server.port).send(_CODE, _ANN, "1-0")
    assert refusal.value.dependency == "mail"
    assert logs[0]["code"] == int(answer[:3])


async def test_a_sender_that_is_refused_is_ours_to_mend() -> None:
    async with listening(Server(mail_answer="550 5.1.8 bad sender")) as server:
        with pytest.raises(Unavailable):
            await sender(port=server.port).send(_CODE, _ANN, "1-0")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [("554 5.6.0 no", MailOutcome.IMPOSSIBLE), ("452 4.3.1 full", None), ("554 5.7.1 spam", None)],
)
async def test_a_mail_refused_at_its_end_is_judged_alike(answer: str, outcome: MailOutcome | None) -> None:
    async with listening(Server(data_answer=answer)) as server:
        gateway = sender(port=server.port)
        if outcome:
            assert await gateway.send(_CODE, _ANN, "1-0") is outcome
            return
        with pytest.raises(Unavailable):
            await gateway.send(_CODE, _ANN, "1-0")


async def test_a_server_that_is_down_is_told_at_once() -> None:
    async with listening(Server()) as server:
        pass
    with capture_logs() as logs, pytest.raises(Unavailable) as refusal:
        await sender(port=server.port).send(_CODE, _ANN, "1-0")
    assert refusal.value.dependency == "mail"
    assert refusal.value.__cause__ is None
    (entry,) = logs
    assert entry["event"] == "mail_server_unavailable"
    assert "012345" not in str(entry)


async def test_a_frozen_server_takes_no_longer_than_allowed_and_works_again_afterwards(tmp_path: Path) -> None:
    with mail_process(tmp_path) as process:
        gateway = sender(port=process.port, timeout=4, connect_timeout=4)
        process.child.freeze()
        begun = time.monotonic()
        with pytest.raises(Unavailable):
            await gateway.send(_CODE, _ANN, "1-0")
        assert time.monotonic() - begun < 15
        process.child.thaw()
        assert await gateway.send(_CODE, _ANN, "1-0") is MailOutcome.SENT
        # The first attempt broke off before a mail was begun.
        assert len(list(process.mails.glob("*.eml"))) == 1


async def test_a_server_that_drips_is_bounded_as_a_whole() -> None:
    left = asyncio.Event()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        end = asyncio.create_task(reader.read())
        while not end.done():
            writer.write(b"220-")
            await asyncio.sleep(0.1)
        left.set()

    async with serving(drip) as port:
        begun = time.monotonic()
        with pytest.raises(Unavailable):
            await sender(port=port, timeout=1).send(_CODE, _ANN, "1-0")
        assert time.monotonic() - begun < 15
        async with asyncio.timeout(20):
            await left.wait()


@pytest.mark.parametrize(
    "greeting", [b"\xff\xfe\r\n", b"999 what\r\n", b"220 " + b"x" * 100_000, b"HTTP/1.1 400 No\r\n\r\n"]
)
async def test_what_is_no_mail_server_is_unavailable(greeting: bytes) -> None:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)

    async with serving(greet) as port:
        with pytest.raises(Unavailable):
            await sender(port=port, timeout=2).send(_CODE, _ANN, "1-0")
