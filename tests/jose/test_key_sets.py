from collections.abc import Mapping

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from gateway.domain.errors import Unavailable
from gateway.jose.key_sets import KeySet, KeySetTerms

LIFETIME = 300.0
RSA = RSAKey.generate_key(2048)
EC = ECKey.generate_key("P-256")


class Signer:
    """Lists keys, and notes how often it was asked.

    Attributes:
        listed: what it lists; None when it cannot be asked.
        now: seconds on the clock.
    """

    def __init__(self, *listed: Mapping[str, object]) -> None:
        self.listed: list[Mapping[str, object]] | None = list(listed)
        self.asked = 0
        self.now = 1000.0

    async def fetch(self) -> list[Mapping[str, object]]:
        """List them."""
        self.asked += 1
        if self.listed is None:
            raise Unavailable("signer")
        return self.listed

    def keys(self, first_pause: float = 0.0) -> KeySet:
        """Open the keys."""
        return KeySet(self.fetch, KeySetTerms("signer", LIFETIME, first_pause), lambda: self.now)


def _public(key: RSAKey | ECKey, **members: object) -> dict[str, object]:
    return {**key.as_dict(private=False), "kid": "one", **members}


@pytest.mark.parametrize("key", [RSA, EC], ids=["RSA", "EC"])
@pytest.mark.parametrize("members", [{}, {"use": "sig"}, {"x5c": ["AA=="], "key_ops": ["verify"]}], ids=str)
async def test_a_key_that_signs_is_found_by_its_id(key: RSAKey | ECKey, members: dict[str, object]) -> None:
    found = await Signer(_public(key, **members)).keys().named("one")
    assert found is not None
    assert found.thumbprint() == key.thumbprint()


NO_SIGNER: dict[str, dict[str, object]] = {
    "encrypts": _public(RSA, use="enc"),
    "no id": _public(RSA, kid=None),
    "id number": _public(RSA, kid=1),
    "new kind": _public(RSA, kty="new"),
    "broken RSA": _public(RSA, n="!"),
    "off its curve": _public(EC, x="AA"),
    "new curve": _public(EC, crv="P-1"),
    "new pair": {"kty": "OKP", "crv": "X9", "x": "AA", "kid": "one"},
    "empty": {"kid": "one"},
    "secret": {**OctKey.generate_key(256).as_dict(), "kid": "one"},
}


@pytest.mark.parametrize("listed", NO_SIGNER.values(), ids=NO_SIGNER)
async def test_what_verifies_no_signature_is_left_out_and_nothing_else(listed: dict[str, object]) -> None:
    keys = Signer(listed, _public(RSA, kid="good")).keys()
    assert [await keys.named(each) for each in ("one", "None", "1")] == [None] * 3
    assert await keys.named("good") is not None


async def test_keys_live_for_their_lifetime() -> None:
    signer = Signer(_public(RSA))
    keys = signer.keys()
    for passed in (0, LIFETIME - 1):
        signer.now = 1000 + passed
        assert await keys.named("one") is not None
    assert signer.asked == 1
    signer.now, signer.listed = 1000 + LIFETIME, []
    assert await keys.named("one") is None
    assert signer.asked == 2


async def test_old_keys_go_on_while_the_signer_is_down_and_it_is_asked_every_five_seconds() -> None:
    signer = Signer(_public(RSA))
    keys = signer.keys()
    await keys.named("one")
    signer.listed = None
    for passed, asked in ((0, 2), (4.9, 2), (5, 3)):
        signer.now = 1000 + LIFETIME + passed
        assert await keys.named("one") is not None
        assert signer.asked == asked


async def test_unknown_keys_are_looked_for_every_five_seconds() -> None:
    signer = Signer(_public(RSA))
    keys = signer.keys()
    await keys.named("one")
    for number in range(20):
        assert await keys.named(f"unknown-{number}") is None
    assert signer.asked == 2
    assert signer.listed is not None
    signer.listed.append(_public(EC, kid="new"))
    assert await keys.named("new") is None
    signer.now += 5
    assert await keys.named("new") is not None
    assert signer.asked == 3


@pytest.mark.parametrize(("first_pause", "asked"), [(0.0, 3), (5.0, 1)])
async def test_without_any_keys_yet_the_signer_is_unavailable(first_pause: float, asked: int) -> None:
    signer = Signer()
    signer.listed = None
    keys = signer.keys(first_pause)
    for _ in range(3):
        with pytest.raises(Unavailable):
            await keys.named("one")
    assert signer.asked == asked
    signer.listed = [_public(RSA)]
    signer.now += 5
    assert await keys.named("one") is not None
