import asyncio
import time
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.domain.errors import Unavailable
from gateway.domain.mails import MailOutcome
from gateway.mail.messages import PasswordChangedNotice, Recipient, SignInCode
from gateway.mail.sender import Sender
from gateway.settings import MailSettings, SettingsError
from tests.mail.authority import Authority
from tests.mail.opening import SENDER, THEN, mail_settings, read, sender
from tests.mail.servers import Server, listening
from tests.servers.mailbox import text_of

_ANN = Recipient("Ann@id.example", "en")
_CODE = SignInCode("Ann Example", "012345", timedelta(minutes=10))


async def test_a_mail_arrives_with_both_parts() -> None:
    async with listening(Server()) as server:
        assert await sender(port=server.port).send(_CODE, _ANN, "17-0") is MailOutcome.SENT
    (envelope,) = server.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER, ["Ann@id.example"])
    mail = read(server.content())
    assert mail.get_content_type() == "multipart/alternative"
    assert "012345" in text_of(mail)
    assert "012345" in text_of(mail, "html")
    assert (mail["To"], mail["From"]) == ("Ann@id.example", f"Account service <{SENDER}>")
    assert mail["Date"].datetime == THEN


async def test_every_attempt_has_the_same_message_id() -> None:
    async with listening(Server()) as server:
        gateway = sender(port=server.port)
        for mail_id in ("17-0", "17-0", "17-1"):
            await gateway.send(_CODE, _ANN, mail_id)
    first, second, third = (read(envelope.original_content or b"")["Message-ID"] for envelope in server.envelopes)
    assert first == second == "<17-0@id.example>"
    assert third != first


async def test_the_way_is_encrypted_after_starttls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    async with listening(Server(), starttls=authority.server("127.0.0.1")) as server:
        gateway = sender(port=server.port, security="starttls")
        assert await gateway.send(_CODE, _ANN, "1-0") is MailOutcome.SENT
    assert server.encrypted == [True]


async def test_the_way_is_encrypted_from_the_first_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    async with listening(Server(), tls=authority.server("127.0.0.1")) as server:
        assert await sender(port=server.port, security="tls").send(_CODE, _ANN, "1-0") is MailOutcome.SENT
    assert len(server.envelopes) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_server_that_nobody_vouches_for_gets_nothing(tmp_path: Path, security: str) -> None:
    stranger = Authority(tmp_path).server("127.0.0.1")
    tls, starttls = (stranger, None) if security == "tls" else (None, stranger)
    async with listening(Server(), tls=tls, starttls=starttls) as server:
        with pytest.raises(Unavailable):
            await sender(port=server.port, security=security).send(_CODE, _ANN, "1-0")
    assert not server.envelopes


async def test_a_certificate_of_another_host_is_no_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    async with listening(Server(), starttls=authority.server("mail.example")) as server:
        with pytest.raises(Unavailable):
            await sender(port=server.port, security="starttls").send(_CODE, _ANN, "1-0")
    assert not server.envelopes


async def test_a_server_without_starttls_gets_nothing() -> None:
    async with listening(Server()) as server:
        with pytest.raises(Unavailable):
            await sender(port=server.port, security="starttls").send(_CODE, _ANN, "1-0")
    assert not server.envelopes


async def test_the_gateway_signs_in_after_tls_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    async with listening(Server(), starttls=authority.server("127.0.0.1"), sign_in=True) as server:
        gateway = sender(port=server.port, security="starttls", username="mailer", password="right password")
        assert await gateway.send(_CODE, _ANN, "1-0") is MailOutcome.SENT
    assert server.users == [(b"mailer", b"right password")]


async def test_a_wrong_password_of_the_gateway_is_worth_mending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    async with listening(Server(), starttls=authority.server("127.0.0.1"), sign_in=True) as server:
        gateway = sender(port=server.port, security="starttls", username="mailer", password="marked-secret")
        for ask in (lambda: gateway.send(_CODE, _ANN, "1-0"), gateway.try_out):
            with capture_logs() as logs, pytest.raises(Unavailable):
                await ask()
            assert logs[0]["code"] == 535
            assert "marked-secret" not in str(logs)


async def test_trying_out_signs_in_and_hands_nothing_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    async with listening(Server(), starttls=authority.server("127.0.0.1"), sign_in=True) as server:
        await sender(port=server.port, security="starttls", username="mailer", password="right password").try_out()
    assert server.users == [(b"mailer", b"right password")]
    assert not server.envelopes


async def test_trying_out_finds_a_server_that_is_away() -> None:
    async with listening(Server()) as server:
        gateway = sender(port=server.port)
        await gateway.try_out()
    with pytest.raises(Unavailable):
        await gateway.try_out()


async def test_an_address_that_is_not_ascii_travels_where_servers_know_such() -> None:
    recipient = Recipient("jürgen@müller.example")
    async with listening(Server()) as server:
        assert await sender(port=server.port).send(_CODE, recipient, "1-0") is MailOutcome.SENT
    assert server.envelopes[0].rcpt_tos == ["jürgen@xn--mller-kva.example"]
    async with listening(Server(), utf8=False) as older:
        assert await sender(port=older.port).send(_CODE, recipient, "1-0") is MailOutcome.IMPOSSIBLE


@pytest.mark.parametrize(
    "address",
    [
        "ann@id.example\r\nBcc: eve@evil.example",
        "ann@id.example\nBcc: eve@evil.example",
        "ann@id.example\rBcc: eve@evil.example",
        "ann@id.example\r\nRCPT TO:<eve@evil.example>",
        "ann@id.example\0eve@evil.example",
        "ann@id.example,eve@evil.example",
        "ann@id.example;eve@evil.example",
        "ann@id.example eve@evil.example",
        "Ann <ann@id.example>, <eve@evil.example>",
        "ann@id.example> NOTIFY=SUCCESS ORCPT=rfc822;eve@evil.example",
        "ann@id.example\u2028Bcc: eve@evil.example",
        "",
    ],
)
async def test_an_address_that_holds_more_than_one_gets_nothing(address: str) -> None:
    async with listening(Server()) as server:
        assert await sender(port=server.port).send(_CODE, Recipient(address), "1-0") is MailOutcome.IMPOSSIBLE
    assert not server.envelopes


async def test_a_name_adds_no_header_and_no_recipient() -> None:
    name = "Ann\r\nBcc: eve-evil-example\r\n\r\n.\r\nRCPT TO:<eve>\r\n"
    async with listening(Server()) as server:
        await sender(port=server.port).send(PasswordChangedNotice(name), _ANN, "1-0")
    (envelope,) = server.envelopes
    assert envelope.rcpt_tos == ["Ann@id.example"]
    assert b"\r\n\r\nBcc" not in server.content()
    mail = read(server.content())
    assert mail["Bcc"] is None
    assert "Hello Ann Bcc: eve-evil-example . RCPT TO:<eve>," in text_of(mail)


async def test_a_server_that_says_no_good_bye_has_taken_the_mail() -> None:
    class Rude(Server):
        async def handle_QUIT(self, _smtp: object, _session: object, _envelope: object) -> str:  # noqa: N802 - aiosmtpd's
            await asyncio.sleep(30)
            return "221 Bye"

    async with listening(Rude()) as server:
        begun = time.monotonic()
        assert await sender(port=server.port, timeout=30).send(_CODE, _ANN, "1-0") is MailOutcome.SENT
        assert time.monotonic() - begun < 15


async def test_many_mails_at_once_do_not_mix() -> None:
    async with listening(Server()) as server:
        gateway = sender(port=server.port)
        people = [Recipient(f"p{number}@id.example", "de" if number % 2 else "en") for number in range(12)]
        await asyncio.gather(
            *(
                gateway.send(SignInCode("", f"{number:06}", timedelta(minutes=10)), each, f"{number}-0")
                for number, each in enumerate(people)
            )
        )
    for envelope in server.envelopes:
        mail = read(envelope.original_content or b"")
        assert envelope.rcpt_tos == [mail["To"]]
        assert f"{int(mail['To'].partition('@')[0][1:]):06}" in text_of(mail)
    assert len(server.envelopes) == 12


def test_without_a_server_there_is_no_sender() -> None:
    with pytest.raises(SettingsError, match="GATEWAY_MAIL__HOST"):
        Sender.open(MailSettings(), lambda: THEN)


def test_an_unusable_folder_of_templates_is_told_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "sign_in_code.jinja").write_text("{% block subject %}{{ cdoe }}{% endblock %}")
    with pytest.raises(SettingsError, match=r"GATEWAY_MAIL__TEMPLATES: en/sign_in_code\.jinja .*cdoe"):
        Sender.open(mail_settings(templates=tmp_path), lambda: THEN)
