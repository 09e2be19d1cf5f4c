"""What a gateway keeps in Redis, found by the pattern of its key."""

import redis


def only_key(store: redis.Redis, pattern: str) -> bytes:
    """Return the one key of a pattern; a scan may name it twice."""
    keys: set[bytes] = set(store.scan_iter(pattern))
    (key,) = keys
    return key
