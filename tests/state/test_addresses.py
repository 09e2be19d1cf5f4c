import re
import secrets
import shlex
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from devstack.children import free_port
from devstack.environment import PROJECT
from gateway.domain.errors import AccountLocked, Unavailable
from gateway.state.store import State
from gateway.state.subjects import Subject
from tests.servers.waiting import RECOVERED, until_async
from tests.state.everything import use_everything
from tests.state.opening import opened, redis_at
from tests.state.redis_servers import RedisServer, running_redis
from tests.state.tries import guess_wrong, sign_in

ANN = Subject.account("ann")
PASSWORD = secrets.token_hex(32)

_ON_PAGE = re.compile(r"redis-cli ACL SETUSER gateway on '>PASSWORD' (.*?)\n```", re.DOTALL)


def _least_rights() -> list[str]:
    """Read what docs/operations.md says that the gateway's own user must be allowed (security S45)."""
    (found,) = _ON_PAGE.findall((PROJECT / "docs/operations.md").read_text(encoding="utf-8"))
    return [each for each in shlex.split(found) if each.strip()]


async def test_everything_works_on_one_server(redis_url: str) -> None:
    await use_everything(redis_url, prefix=f"test-{secrets.token_hex(6)}:")


async def test_everything_works_through_a_socket(tmp_path: Path) -> None:
    with running_redis("--unixsocket", str(tmp_path / "redis.sock"), "--save", ""):
        await use_everything(f"unix://{tmp_path}/redis.sock?db=1")


async def test_everything_works_with_the_least_rights(own_redis: RedisServer) -> None:
    own_redis.ask("ACL", "SETUSER", "gateway", "on", f">{PASSWORD}", *_least_rights())
    own_redis.ask("ACL", "SETUSER", "default", "off")
    await use_everything(f"redis://gateway:{PASSWORD}@127.0.0.1:{own_redis.port}/0")


async def test_everything_works_on_a_cluster() -> None:
    with running_redis("--cluster-enabled", "yes", "--save", "") as node:
        with node.asked() as redis:
            redis.cluster("ADDSLOTS", *range(16384))
        await _until_answered(node, "CLUSTER", "INFO", sign="cluster_state:ok")
        node.ask("ACL", "SETUSER", "gateway", "on", f">{PASSWORD}", *_least_rights(), "+cluster", "+command")
        await use_everything(f"redis+cluster://gateway:{PASSWORD}@127.0.0.1:{node.port},127.0.0.1:{free_port()}")


async def test_everything_works_on_the_primary_that_sentinels_name(sentinels: "Sentinels") -> None:
    await use_everything(sentinels.url)


async def test_a_failover_keeps_locks_and_needs_no_restart(sentinels: "Sentinels") -> None:
    async with opened(redis_at(sentinels.url)) as state:
        for _ in range(5):
            await guess_wrong(state.attempts, ANN)
        await _until_answered(sentinels.replica, "INFO", "replication", sign="master_link_status:up")
        sentinels.watch_closely()
        sentinels.primary.kill()
        with pytest.raises(Unavailable):
            await state.ping()
        await until_async(partial(_is_available, state), within=60)
        with pytest.raises(AccountLocked):
            await sign_in(state.attempts, ANN)
        await sign_in(state.attempts, Subject.account("bob"))


async def test_a_cluster_that_is_away_is_unavailable_and_found_again() -> None:
    with running_redis("--cluster-enabled", "yes", "--save", "") as node:
        with node.asked() as redis:
            redis.cluster("ADDSLOTS", *range(16384))
        await _until_answered(node, "CLUSTER", "INFO", sign="cluster_state:ok")
        async with opened(redis_at(f"redis+cluster://127.0.0.1:{node.port}")) as state:
            node.freeze()
            with pytest.raises(Unavailable):
                await guess_wrong(state.attempts, ANN)
            node.thaw()
            await until_async(partial(_is_available, state), within=RECOVERED)
            await sign_in(state.attempts, ANN)


async def test_sentinels_and_servers_may_have_passwords_of_their_own(tmp_path: Path) -> None:
    configuration, of_sentinels = tmp_path / "sentinel.conf", secrets.token_hex(32)
    with running_redis() as primary:
        configuration.write_text(
            f"sentinel monitor house 127.0.0.1 {primary.port} 1\nsentinel auth-pass house {PASSWORD}\n"
        )
        with running_redis(str(configuration)) as sentinel:
            primary.ask("CONFIG", "SET", "requirepass", PASSWORD)
            sentinel.ask("ACL", "SETUSER", "default", f">{of_sentinels}", "resetpass", f">{of_sentinels}")
            own = f"redis+sentinel://:{PASSWORD}@127.0.0.1:{sentinel.port}/house/0"
            await use_everything(f"{own}?sentinel_password={of_sentinels}")
            async with opened(redis_at(own)) as state:
                with pytest.raises(Unavailable):
                    await state.ping()


class Sentinels:
    """A primary with a replica, and one Sentinel that watches them.

    Attributes:
        url: address for the gateway; names a Sentinel that is not there first.
    """

    def __init__(self, primary: RedisServer, replica: RedisServer, sentinel: RedisServer) -> None:
        self.primary = primary
        self.replica = replica
        self._sentinel = sentinel
        self.url = f"redis+sentinel://127.0.0.1:{free_port()},127.0.0.1:{sentinel.port}/house/0"

    def watch_closely(self) -> None:
        """Take the primary for down after half a second."""
        self._sentinel.ask("SENTINEL", "SET", "house", "down-after-milliseconds", "500")


@pytest.fixture
def sentinels(tmp_path: Path) -> Iterator[Sentinels]:
    with (
        running_redis() as primary,
        running_redis("--replicaof", "127.0.0.1", str(primary.port), "--save", "") as replica,
    ):
        configuration = tmp_path / "sentinel.conf"
        configuration.write_text(
            f"sentinel monitor house 127.0.0.1 {primary.port} 1\n"
            # Else a primary that only stalls is left.
            "sentinel down-after-milliseconds house 60000\n"
            "sentinel failover-timeout house 2000\n"
        )
        with running_redis(str(configuration)) as sentinel:
            yield Sentinels(primary, replica, sentinel)


async def _is_available(state: State) -> bool:
    await state.attempts.lift("nobody")
    return True


async def _until_answered(server: RedisServer, *command: str, sign: str) -> None:
    async def is_answered() -> bool:
        return sign in _raw(server, *command)

    await until_async(is_answered, within=30)


def _raw(server: RedisServer, *command: str) -> str:
    """Return an answer as the server wrote it; the client takes INFO apart."""
    answer = server.ask(*command)
    if isinstance(answer, dict):
        return "\n".join(f"{name}:{value}" for name, value in answer.items())
    return str(answer)
