from collections.abc import Callable
from contextlib import suppress

import pytest

from gateway.domain.errors import Unavailable
from gateway.keycloak.breaker import Breaker


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Callable[[], float]) -> Breaker:
    return Breaker(clock)


def fail(breaker: Breaker) -> bool:
    """Make a call that fails; say whether it was let through."""
    tried: list[bool] = []
    with suppress(Unavailable), breaker.guarded():
        tried.append(True)
        raise Unavailable("keycloak")
    return bool(tried)


def succeed(breaker: Breaker) -> bool:
    """Make a call that succeeds; say whether it was let through."""
    try:
        with breaker.guarded():
            return True
    except Unavailable:
        return False


def test_five_failures_open(breaker: Breaker) -> None:
    assert [fail(breaker) for _ in range(6)] == [True] * 5 + [False]
    assert breaker.is_open


def test_a_success_between_clears_the_count(breaker: Breaker) -> None:
    for _ in range(4):
        fail(breaker)
    succeed(breaker)
    assert all(fail(breaker) for _ in range(4))
    assert not breaker.is_open


def test_failures_over_more_than_ten_seconds_do_not_open(breaker: Breaker, clock: Clock) -> None:
    for _ in range(12):
        fail(breaker)
        clock.now += 2.6
    assert not breaker.is_open


def test_one_probe_every_two_seconds(breaker: Breaker, clock: Clock) -> None:
    for _ in range(5):
        fail(breaker)
    let_through = []
    for _ in range(8):
        clock.now += 1
        let_through.append(fail(breaker))
    assert let_through == [False, True] * 4


def test_a_second_call_waits_for_the_probe_to_end(breaker: Breaker, clock: Clock) -> None:
    for _ in range(5):
        fail(breaker)
    clock.now += 2
    with breaker.guarded():
        clock.now += 3
        assert not succeed(breaker)
    assert succeed(breaker)


def test_successful_probe_closes(breaker: Breaker, clock: Clock) -> None:
    for _ in range(5):
        fail(breaker)
    clock.now += 2
    assert succeed(breaker)
    assert not breaker.is_open
    assert all(fail(breaker) for _ in range(5))


def test_cancelled_probe_proves_nothing(breaker: Breaker, clock: Clock) -> None:
    for _ in range(5):
        fail(breaker)
    clock.now += 2
    with pytest.raises(KeyboardInterrupt), breaker.guarded():
        raise KeyboardInterrupt
    assert breaker.is_open
    assert not succeed(breaker)
    clock.now += 2
    assert succeed(breaker)
