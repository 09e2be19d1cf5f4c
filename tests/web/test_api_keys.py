import pytest
from pydantic import SecretStr
from starlette.datastructures import Headers

from gateway.domain.errors import ApiKeyRefused
from gateway.web.api_keys import ApiKeys

_KEYS = ApiKeys("X-Key", [SecretStr("first"), SecretStr("second")])


@pytest.mark.parametrize("key", ["first", "second"])
@pytest.mark.parametrize("header", ["x-key", "X-Key", "X-KEY"])
def test_any_key_opens(header: str, key: str) -> None:
    _KEYS.require(Headers({header: key}))


@pytest.mark.parametrize(
    "sent", [[], [""], ["First"], ["first "], ["first,second"], ["first", "first"], ["fir", "st"], ["\xe9"]]
)
def test_everything_else_is_refused(sent: list[str]) -> None:
    headers = Headers(raw=[(b"x-key", each.encode("latin-1")) for each in sent])
    with pytest.raises(ApiKeyRefused):
        _KEYS.require(headers)


def test_without_keys_nothing_opens() -> None:
    with pytest.raises(ApiKeyRefused):
        ApiKeys("X-Key", []).require(Headers({"x-key": ""}))
