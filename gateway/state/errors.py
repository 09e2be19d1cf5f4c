"""Turns whatever goes wrong between us and Redis into `Unavailable`; nothing of the library leaves the room."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import RedisClusterException, RedisError

from gateway.domain.errors import Unavailable

_REASONS: tuple[type[Exception], ...] = (
    RedisError,  # connections, and what Redis answers: LOADING, READONLY, OOM, NOSCRIPT, CLUSTERDOWN, NOPERM …
    RedisClusterException,  # the library keeps it outside its own family
    OSError,  # sockets and TLS; `TimeoutError` is one
)


@contextmanager
def translated() -> Iterator[None]:
    """Say `Unavailable` for a failure of Redis inside the block.

    Raises:
        Unavailable: from the library's exception, for the log.
    """
    try:
        yield
    except _REASONS as error:
        raise Unavailable("redis") from error
