import pytest
from pydantic import SecretStr

from gateway.state.secrets import Secrets

OLD = SecretStr("A" * 43)
NEW = SecretStr("B" * 43)


def test_what_is_sealed_opens_again() -> None:
    secrets = Secrets([OLD])
    sealed = secrets.seal("outbox", b"text")
    assert b"text" not in sealed
    assert secrets.unseal("outbox", sealed) == b"text"


def test_a_seal_of_one_purpose_does_not_open_for_another() -> None:
    secrets = Secrets([OLD])
    assert secrets.unseal("tokens", secrets.seal("outbox", b"text")) is None


def test_what_is_sealed_beside_a_secret_opens_beside_it_only() -> None:
    secrets = Secrets([NEW, OLD])
    sealed = secrets.seal("answer", b"text", beside="token")
    assert secrets.unseal("answer", sealed, beside="token") == b"text"
    assert Secrets([OLD, NEW]).unseal("answer", sealed, beside="token") == b"text"
    assert secrets.unseal("answer", sealed, beside="another") is None
    assert secrets.unseal("answer", sealed) is None
    assert Secrets([OLD]).unseal("answer", sealed, beside="token") is None


@pytest.mark.parametrize("sealed", [b"", b"garbage", b"gAAAAA" * 20, b"\xff" * 100])
def test_what_is_not_ours_does_not_open(sealed: bytes) -> None:
    assert Secrets([OLD]).unseal("outbox", sealed) is None


def test_a_changed_byte_does_not_open() -> None:
    secrets = Secrets([OLD])
    sealed = bytearray(secrets.seal("outbox", b"text"))
    sealed[-10] ^= 1
    assert secrets.unseal("outbox", bytes(sealed)) is None


def test_during_a_rotation_every_key_opens_and_the_first_seals() -> None:
    before, during, after = Secrets([OLD]), Secrets([NEW, OLD]), Secrets([NEW])
    assert during.unseal("outbox", before.seal("outbox", b"old")) == b"old"
    assert after.unseal("outbox", during.seal("outbox", b"new")) == b"new"
    assert after.unseal("outbox", before.seal("outbox", b"old")) is None


def test_digests_differ_by_value_purpose_and_key() -> None:
    secrets = Secrets([OLD])
    digests = {
        secrets.digest("mailbox", "ann@example.org"),
        secrets.digest("mailbox", "bob@example.org"),
        secrets.digest("unknown-name", "ann@example.org"),
        Secrets([NEW]).digest("mailbox", "ann@example.org"),
    }
    assert len(digests) == 4
    assert all(len(digest) == 64 and int(digest, 16) for digest in digests)


def test_a_digest_is_the_same_every_time_and_in_every_replica() -> None:
    secrets = Secrets([OLD, NEW])
    assert (
        secrets.digest("mailbox", "ann") == secrets.digest("mailbox", "ann") == Secrets([OLD]).digest("mailbox", "ann")
    )


def test_a_digest_takes_what_no_encoding_takes() -> None:
    assert Secrets([OLD]).digest("unknown-name", "\ud800\x00") != Secrets([OLD]).digest("unknown-name", "\ud801\x00")
