"""What a gateway keeps in Redis, as Redis itself has it."""

from typing import NamedTuple

import redis

from gateway.state.keys import Keys


class Lock(NamedTuple):
    """When a lock began and when it ends, milliseconds of Redis' own clock."""

    began: int
    ends: int


def only_key(store: redis.Redis, pattern: str) -> bytes:
    """Return the one key of a pattern; a scan may name it twice."""
    keys: set[bytes] = set(store.scan_iter(pattern))
    (key,) = keys
    return key


def expire(store: redis.Redis, key: bytes) -> None:
    """Have a key's time be over, and wait until the key has gone."""
    store.pexpire(key, 1)
    while store.exists(key):
        pass


def lock_of(store: redis.Redis, prefix: str, kind: str, subject: str) -> Lock:
    """Read the lock of a subject, of the gateways with that prefix."""
    record, _ = Keys(prefix).attempts(kind, subject)
    return Lock(*(int(store.hget(record, name) or 0) for name in ("wrong_at", "locked_until")))


def clock_of(store: redis.Redis) -> float:
    """Read Redis' own clock, milliseconds."""
    seconds, microseconds = store.time()
    return 1000 * seconds + microseconds / 1000
