from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.errors import TokenRefused
from gateway.domain.tokens import MAX_TOKEN
from gateway.jose.compact import looked_into, text_of
from tests.keycloak.tokens_apart import encoded

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(max_size=5), JSON, max_size=4)
TOKENISH = st.text(alphabet="abcXYZ019-_.=+/ \n\0é\ud800", max_size=60)


@given(OBJECTS, OBJECTS)
def test_what_was_written_is_read(header: dict[str, Any], claims: dict[str, Any]) -> None:
    compact = looked_into(f"{encoded(header)}.{encoded(claims)}.AA")
    assert (compact.header, compact.claims) == (header, claims)


@given(st.text(max_size=80) | TOKENISH)
def test_nothing_but_a_refusal_comes_of_any_text(token: str) -> None:
    with suppress(TokenRefused):
        looked_into(token)


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_nothing_but_a_refusal_comes_of_any_bytes(header: bytes, claims: bytes) -> None:
    with suppress(TokenRefused):
        looked_into(f"{encoded(header)}.{encoded(claims)}.AA")


def test_longest_token_is_read_and_a_longer_one_is_not() -> None:
    head = f"{encoded({})}.{encoded({})}."
    looked_into(head + "A" * (MAX_TOKEN - len(head)))
    with pytest.raises(TokenRefused):
        looked_into(head + "A" * (MAX_TOKEN - len(head) + 1))


@pytest.mark.parametrize("value", [None, "", 1, True, ["x"], {"x": "y"}])
def test_claim_that_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(TokenRefused):
        text_of({"claim": value}, "claim")
    with pytest.raises(TokenRefused):
        text_of({}, "claim")
