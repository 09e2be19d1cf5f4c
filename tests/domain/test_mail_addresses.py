import email.message
import email.policy
import re

import pytest
from hypothesis import example, given, strategies

from gateway.domain.mail_addresses import MAX_ADDRESS, mail_address

_TEXT = strategies.text(max_size=60)
_PIECES = strategies.sampled_from(
    [
        *("ann", "@", "id.example", "ü", "müller.example", "[127.0.0.1]", "xn--", "{{7*7}}", "Bcc: eve@evil.example"),
        *("\r\n", "\n", "\0", "\u2028", "\u202e", "%0a", " ", ",", ";", "<", ">", '"', "\\"),
        *(".", "+", "'", "`", "/", "|", "="),
    ]
)
_GLUED = strategies.lists(_PIECES, max_size=9).map("".join)
_MAILBOXES = strategies.tuples(_GLUED, _GLUED).map("@".join)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Ann.Example+x@ID.Example", "Ann.Example+x@id.example"),
        ("ann@müller.example", "ann@xn--mller-kva.example"),
        ("müller@id.example", "müller@id.example"),
        ("{{7*7}}@id.example", "{{7*7}}@id.example"),
        ("o'hara/x@id.example", "o'hara/x@id.example"),
        ("ann@corp.local", "ann@corp.local"),
        ("ann@localhost", "ann@localhost"),
    ],
)
def test_an_address_is_brought_into_the_form_it_is_mailed_to(text: str, address: str) -> None:
    assert mail_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann",
        "@id.example",
        "ann@",
        "ann@@id.example",
        "ann@b@id.example",
        '"a b"@id.example',
        "Ann <ann@id.example>",
        "ann@id.example ",
        "ann@id.example\n",
        "ann@id.example\r\nBcc: eve@evil.example",
        "ann@id.example\0",
        "ann@id.example,eve@evil.example",
        "ann@id.example;eve@evil.example",
        "ann\u2028@id.example",
        "ann@[127.0.0.1]",
        "ann..b@id.example",
        "ann@-id.example",
        f"{'a' * 245}@id.example",
        f"ann@{'ü' * 60}.{'ü' * 60}.{'ü' * 60}.example",
    ],
)
def test_what_is_not_one_address_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be one address|longer than") as refusal:
        mail_address(text)
    assert not text or text not in str(refusal.value)


@example("{{7*7}}+o'hara@müller.example")
@example("ann@id.example\r\nBcc: eve@evil.example")
@given(_TEXT | _GLUED | _MAILBOXES)
def test_what_is_accepted_names_one_mailbox_in_a_header(text: str) -> None:
    try:
        address = mail_address(text)
    except ValueError:
        return
    assert len(address) <= MAX_ADDRESS
    assert not re.search(r"[\s,;<>\"\\\x00-\x1f]", address)
    assert mail_address(address) == address
    letter = email.message.EmailMessage(email.policy.SMTP.clone(utf8=True))
    letter["To"] = address
    (mailbox,) = letter["To"].addresses
    assert mailbox.addr_spec == address
    assert letter.as_bytes().count(b"\r\n") == 2
