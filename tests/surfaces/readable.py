"""What can be read by whoever reads Redis or the log (security S45, S48)."""

import re
from collections.abc import Callable, Iterable

import redis

_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
"""When a line was written: its last six digits are as random as a code."""


def tokens_in(text: str) -> list[str]:
    """Return the JSON Web Tokens in it; three letters of one alone also begin some sealed value by chance."""
    return re.findall(r"eyJ[\w-]+\.[\w-]+", text)


def readable_in(text: str, secrets: Iterable[str], codes: Iterable[str] = ()) -> list[str]:
    """Return which secrets can be read in a text.

    Args:
        secrets: passwords, tokens, names.
        codes: six digits each, which a longer number may hold by chance.
    """
    untimed = _TIME.sub("", text)
    standing_alone = [each for each in codes if re.search(rf"(?<![0-9a-f-]){each}(?![0-9a-f-])", untimed)]
    return [each for each in secrets if each in text] + standing_alone


def kept_under(store: redis.Redis, prefix: str) -> bytes:
    """Return all keys of a gateway with all that is in them; there must be some."""
    keys = _keys(store, prefix)
    assert keys
    return b"\n".join(key + b"\n" + _content(store, key) for key in keys)


def kept_for_ever(store: redis.Redis, prefix: str) -> list[bytes]:
    """Return a gateway's keys that have no end."""
    return [key for key in _keys(store, prefix) if store.ttl(key) == -1]


def _keys(store: redis.Redis, prefix: str) -> list[bytes]:
    return list(store.scan_iter(f"{prefix}*", count=1000))


def _content(store: redis.Redis, key: bytes) -> bytes:
    reading: dict[object, Callable[[], object]] = {
        b"string": lambda: store.get(key),
        b"hash": lambda: store.hgetall(key),
        b"zset": lambda: store.zrange(key, 0, -1, withscores=True),
        b"set": lambda: store.smembers(key),
        b"list": lambda: store.lrange(key, 0, -1),
        b"stream": lambda: store.xrange(key),
        b"none": lambda: b"",
    }
    return repr(reading[store.type(key)]()).encode()
