import smtplib
from email.message import EmailMessage
from pathlib import Path

import pytest

from devstack import mails
from devstack.mail_catcher import running_mail_catcher


def _mail(to: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Gateway <noreply@example.test>", to, "Grüße"
    mail.set_content("Open http://front.test/reset?key=a.b or type 012345, please.")
    mail.add_alternative('<a href="http://front.test/reset?key=a.b">Open</a>', subtype="html")
    return mail


def test_mail_is_kept_as_it_came_and_for_whom_it_was(tmp_path: Path) -> None:
    with running_mail_catcher(tmp_path, show=False) as catcher, smtplib.SMTP(catcher.host, catcher.port) as sender:
        sender.send_message(_mail("ann@example.test"), to_addrs=["ann@example.test", "Bob@Example.test"])
        (kept,) = mails.for_address(catcher.mails, "bob@example.test")
    assert kept["Subject"] == "Grüße"
    assert kept["X-Envelope-To"] == "ann@example.test, Bob@Example.test"
    assert mails.for_address(tmp_path / "mails", "annemarie@example.test") == []


def test_mail_is_shown_with_its_links_and_codes_once(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with running_mail_catcher(tmp_path, show=True) as catcher, smtplib.SMTP(catcher.host, catcher.port) as sender:
        sender.send_message(_mail("ann@example.test"))
    shown = capfd.readouterr().out
    assert "to ann@example.test" in shown
    assert "Grüße" in shown
    assert shown.count("http://front.test/reset?key=a.b") == 1
    assert shown.count("012345") == 1


def test_mails_are_in_the_order_they_came(tmp_path: Path) -> None:
    with running_mail_catcher(tmp_path, show=False) as catcher, smtplib.SMTP(catcher.host, catcher.port) as sender:
        for number in range(12):
            sender.send_message(_mail(f"person{number}@example.test"))
        assert [mail["To"] for mail in mails.kept(catcher.mails)] == [
            f"person{each}@example.test" for each in range(12)
        ]
