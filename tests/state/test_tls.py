import asyncio
import ssl
from pathlib import Path

import pytest

from gateway.domain.errors import Unavailable
from gateway.state.store import State
from gateway.state.subjects import Subject
from tests.state.opening import opened, patiently, redis_at
from tests.state.redis_servers import RedisServer, port_for_a_node, running_redis
from tests.state.tls_front import tls_before, write_certificate
from tests.state.tries import guess_wrong


async def test_one_server_is_spoken_to_by_tls(own_redis: RedisServer, tmp_path: Path) -> None:
    certificate = write_certificate(tmp_path)
    async with tls_before(own_redis.port, certificate) as port:
        await _use(f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={certificate}")


async def test_a_certificate_of_an_unknown_authority_is_refused(own_redis: RedisServer, tmp_path: Path) -> None:
    async with tls_before(own_redis.port, write_certificate(tmp_path)) as port:
        await _fail_to_use(f"rediss://127.0.0.1:{port}/0")


async def test_a_certificate_for_another_address_is_refused(own_redis: RedisServer, tmp_path: Path) -> None:
    certificate = write_certificate(tmp_path, address="127.0.0.2")
    async with tls_before(own_redis.port, certificate) as port:
        await _fail_to_use(f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={certificate}")


async def test_sentinels_and_their_primary_are_spoken_to_by_tls(own_redis: RedisServer, tmp_path: Path) -> None:
    certificate = write_certificate(tmp_path)
    async with tls_before(own_redis.port, certificate) as primary:
        configuration = tmp_path / "sentinel.conf"
        configuration.write_text(f"sentinel monitor house 127.0.0.1 {primary} 1\n")
        with running_redis(str(configuration)) as sentinel:
            async with tls_before(sentinel.port, certificate) as port:
                query = f"ssl_ca_certs={certificate}"
                await _use(f"rediss+sentinel://127.0.0.1:{port}/house/0?{query}", first_within=30)
                await _fail_to_use(f"rediss+sentinel://127.0.0.1:{port}/house/0")


async def test_a_cluster_is_spoken_to_by_tls(tmp_path: Path) -> None:
    certificate, announced = write_certificate(tmp_path), port_for_a_node()
    with running_redis("--cluster-enabled", "yes", "--save", "", "--cluster-announce-port", str(announced)) as node:
        with node.asked() as redis:
            redis.cluster("ADDSLOTS", *range(16384))
        async with tls_before(node.port, certificate, listen_on=announced):
            address = f"rediss+cluster://127.0.0.1:{announced}"
            await _use(f"{address}?ssl_ca_certs={certificate}", first_within=30)
            await _fail_to_use(address)


async def test_the_authorities_are_read_once_for_all_connections(
    own_redis: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[ssl.SSLContext] = []
    make = ssl.create_default_context

    def noted() -> ssl.SSLContext:
        made.append(make())
        return made[-1]

    certificate = write_certificate(tmp_path)
    async with tls_before(own_redis.port, certificate) as port:
        monkeypatch.setattr(ssl, "create_default_context", noted)
        await _use(f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={certificate}")
    assert len(made) == 1


async def _use(url: str, first_within: float = 0) -> None:
    """Use every way of asking, on several connections at once."""
    async with opened(patiently(redis_at(url))) as state:
        await _become_ready(state, first_within)
        await asyncio.gather(*(guess_wrong(state.attempts, Subject.account(str(i))) for i in range(8)))
        await asyncio.gather(*(state.limits.count_failure(str(i)) for i in range(8)))
        await state.ended_sessions.includes("session", "account", 0)


async def _become_ready(state: State, within: float) -> None:
    """Wait for a cluster or Sentinel that has just begun."""
    loop = asyncio.get_running_loop()
    until = loop.time() + within
    while True:
        try:
            await state.attempts.lift("nobody")
        except Unavailable:
            if loop.time() > until:
                raise
            await asyncio.sleep(0.05)
        else:
            return


async def _fail_to_use(url: str) -> None:
    async with opened(redis_at(url)) as state:
        with pytest.raises(Unavailable):
            await state.ping()
