import secrets

import pytest
from pydantic import SecretStr

from gateway.domain.tokens import Tokens
from gateway.identity.access_client_tokens import AccessClientTokens, is_prefix
from gateway.state.secrets import Secrets

_TOKENS = Tokens("access", f"offline.{'x' * 720}.token", 60, 0, "", "Bearer", "session")


def _key() -> str:
    return secrets.token_urlsafe(32)


def _with(*keys: str) -> AccessClientTokens:
    return AccessClientTokens(Secrets([SecretStr(each) for each in keys]))


@pytest.mark.parametrize("prefix", ["", "shop-7", "Bearer ", "x" * 255])
def test_a_token_is_opened_with_its_prefix_and_with_no_other(prefix: str) -> None:
    tokens = _with(_key())
    token = tokens.sealed("Büro", _TOKENS, prefix)
    opened = tokens.opened(prefix + token)
    assert opened
    assert (opened.name, opened.offline_token) == ("Büro", _TOKENS.refresh_token)
    assert tokens.opened(f"other{token}") is None
    assert tokens.opened(f"{prefix}x{token}") is None
    assert (tokens.opened(token) is None) is bool(prefix)


def test_a_token_fits_into_a_header_and_tells_nothing() -> None:
    token = _with(_key()).sealed("n" * 100, _TOKENS, "")
    assert token.isascii()
    assert token.isprintable()
    assert " " not in token
    assert len(token) < 2048
    assert "offline" not in token


def test_a_key_that_was_added_seals_and_the_older_ones_still_open() -> None:
    old, new = _key(), _key()
    before = _with(old).sealed("name", _TOKENS, "")
    assert _with(new, old).opened(before)
    assert _with(old).opened(_with(new, old).sealed("name", _TOKENS, "")) is None
    assert _with(new).opened(before) is None


@pytest.mark.parametrize("token", ["", "~", "made-up", "~made-up", "~\udce9", "é", "~" + "A" * 5000, "~~", "a~b~c"])
def test_what_is_no_token_is_not_opened(token: str) -> None:
    assert _with(_key()).opened(token) is None


def test_what_was_sealed_for_something_else_is_not_opened() -> None:
    kept = Secrets([SecretStr(_key())])
    sealed = kept.seal("opaque-session", b'[1, "name", "token"]').decode()
    assert AccessClientTokens(kept).opened(f"~{sealed}") is None


def test_a_prefix_is_what_a_header_can_hold() -> None:
    assert all(is_prefix(each) for each in ("", "shop-7", "Bearer ", "!}", "x" * 255))
    assert not any(is_prefix(each) for each in (" a", "a~", "é", "\n", "a\t", "x" * 256, "\x7f"))
