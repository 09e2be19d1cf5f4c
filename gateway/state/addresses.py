"""Which Redis an address means, and the client that speaks to it.

    redis://user:password@host:port/database           one server; `rediss://` with TLS
    unix://user:password@/path/to/socket?db=0          the same on this machine
    redis+sentinel://host:port,host:port/service/db    the primary that Sentinels name; `rediss+sentinel://` with TLS
    redis+cluster://host:port,host:port                a cluster; `rediss+cluster://` with TLS

The query may hold what redis-py takes from one (`?ssl_ca_certs=/path`), and for Sentinels that want credentials of
their own `sentinel_username` and `sentinel_password`.
"""

from typing import Any
from urllib.parse import SplitResult, urlsplit

from redis.asyncio import Redis, RedisCluster, Sentinel
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from gateway.settings import RedisSettings
from gateway.state.pools import Pool, SentinelPool
from gateway.state.tls import SentinelTlsConnection, TlsConnection, shared_context

Client = Redis | RedisCluster

_HEALTH_CHECK = 15
"""Seconds of idleness after which a connection is tried with a PING before it is used (security R4)."""
_SENTINEL_PORT = 26379
_REDIS_PORT = 6379


def client_of(settings: RedisSettings) -> tuple[Client, Sentinel | None]:
    """Make the client for the settings' address; nothing is asked yet.

    Returns:
        The client, and what finds its primary; both are the caller's to close.
    """
    url = urlsplit(settings.url.get_secret_value())
    base, _, kind = url.scheme.partition("+")
    if kind == "sentinel":
        return _by_sentinel(url, base, settings)
    if kind == "cluster":
        return _cluster(url, base, settings), None
    options = {**parse_url(url.geturl()), **_manners(settings)}
    if base == "rediss":
        options |= {"connection_class": TlsConnection, "context": shared_context(options)}
    return Redis.from_pool(Pool(max_connections=settings.max_connections, **options)), None


def _manners(settings: RedisSettings) -> dict[str, Any]:
    return {
        "socket_connect_timeout": settings.connect_timeout.total_seconds(),
        # `Connection` bounds the whole command; a second timer for each half of it costs 40 µs of CPU.
        "socket_timeout": None,
        "health_check_interval": _HEALTH_CHECK,
        "retry": _never(),
        # RESP2 needs no greeting, and no proxy or old server stumbles over it.
        "protocol": 2,
        "driver_info": None,
    }


def _never() -> Retry:
    return Retry(NoBackoff(), 0)


def _by_sentinel(url: SplitResult, base: str, settings: RedisSettings) -> tuple[Redis, Sentinel]:
    service, _, database = url.path.strip("/").partition("/")
    options = _shared_options(url, base, database)
    own = {name: options.pop(f"sentinel_{name}", None) for name in ("username", "password")}
    # A Sentinel that does not answer must leave time to ask the next one.
    asking = {**_manners(settings), **own, "socket_timeout": settings.connect_timeout.total_seconds()}
    kept = {**options, **_manners(settings)}
    sentinel = Sentinel(_nodes(url, _SENTINEL_PORT), sentinel_kwargs=asking, **kept)  # type: ignore[no-untyped-call]  # not annotated there
    if base == "rediss":
        context = shared_context(options)
        sentinel.connection_kwargs |= {"connection_class": SentinelTlsConnection, "context": context}
        for each in sentinel.sentinels:
            each.connection_pool.connection_class = TlsConnection
            each.connection_pool.connection_kwargs["context"] = context
    limit = settings.max_connections
    return sentinel.master_for(service, connection_pool_class=SentinelPool, max_connections=limit), sentinel


def _cluster(url: SplitResult, base: str, settings: RedisSettings) -> RedisCluster:
    options = {**_shared_options(url, base, ""), **_manners(settings)}
    # A node that does not answer must leave time to ask the next one where the slots lie.
    options["socket_timeout"] = settings.timeout.total_seconds()
    nodes = [ClusterNode(host, port) for host, port in _nodes(url, _REDIS_PORT)]
    # `Connection` keeps to `max_connections`; beyond it is room for questions about the slots.
    limit = 2 * settings.max_connections
    cluster = RedisCluster(startup_nodes=nodes, max_connections=limit, ssl=base == "rediss", **options)
    if base == "rediss":
        # Of the nodes found by asking those of the address.
        cluster.connection_kwargs |= {"connection_class": TlsConnection, "context": shared_context(options)}
    return cluster


def _shared_options(url: SplitResult, base: str, database: str) -> dict[str, Any]:
    """Read credentials, database and query as redis-py does for one server."""
    credentials, at, _ = url.netloc.rpartition("@")
    options: dict[str, Any] = dict(parse_url(f"{base}://{credentials}{at}host/{database}?{url.query}"))
    return {name: value for name, value in options.items() if name not in ("host", "connection_class")}


def _nodes(url: SplitResult, port: int) -> list[tuple[str, int]]:
    hosts = url.netloc.rpartition("@")[2].split(",")
    parts = [urlsplit(f"//{host}") for host in hosts if host]
    return [(part.hostname or "", part.port or port) for part in parts]
