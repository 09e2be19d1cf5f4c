"""How the gateway notices that what it depends on comes and goes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest
from structlog.testing import capture_logs

from devstack.children import free_port
from gateway.domain.errors import Unavailable
from gateway.web.dependencies import Dependency, watch
from gateway.web.lifecycle import Lifecycle
from gateway.web.metrics import Metrics


@pytest.fixture
def port() -> int:
    """A port on which nobody listens yet."""
    return free_port()


def _listener(port: int) -> Dependency:
    async def ping() -> None:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            raise Unavailable("listener") from None
        writer.close()
        await writer.wait_closed()

    return Dependency("listener", ping)


@asynccontextmanager
async def _watched(port: int, lifecycle: Lifecycle, metrics: Metrics) -> AsyncIterator[None]:
    """Watch a port until the block ends."""
    task = asyncio.create_task(watch([_listener(port)], lifecycle, metrics))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _until(lifecycle: Lifecycle, *, up: bool) -> None:
    with anyio.fail_after(10):
        while lifecycle.up.get("listener") is not up:  # noqa: ASYNC110 - the lifecycle is a record, it wakes nobody
            await anyio.sleep(0.02)
        await anyio.sleep(0.2)  # long enough for further checks, which are no news


def _up(metrics: Metrics) -> float | None:
    return metrics.registry.get_sample_value("gateway_dependency_up", {"dependency": "listener"})


def _changes(metrics: Metrics, state: str) -> float | None:
    labels = {"dependency": "listener", "state": state}
    return metrics.registry.get_sample_value("gateway_dependency_changes_total", labels)


async def test_a_dependency_that_comes_and_goes_is_noted_counted_and_logged_once(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.web.dependencies._INTERVAL", 0.02)
    lifecycle, metrics = Lifecycle(("listener",)), Metrics()
    with capture_logs() as logged:
        async with _watched(port, lifecycle, metrics):
            await _until(lifecycle, up=False)
            assert (lifecycle.ready, _up(metrics)) == (False, 0.0)
            server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", port)
            async with server:
                await _until(lifecycle, up=True)
                assert (lifecycle.ready, _up(metrics)) == (True, 1.0)
            await _until(lifecycle, up=False)
            assert (lifecycle.ready, _up(metrics)) == (True, 0.0)
    assert [_changes(metrics, state) for state in ("down", "up")] == [2, 1]
    assert [(line["event"], line["log_level"]) for line in logged] == [
        ("dependency_down", "error"),
        ("dependency_up", "info"),
        ("dependency_down", "error"),
    ]


async def test_a_fault_in_a_check_is_not_taken_for_an_outage() -> None:
    async def ping() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await watch([Dependency("broken", ping)], Lifecycle(("broken",)), Metrics())
