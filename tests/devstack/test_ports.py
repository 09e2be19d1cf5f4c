"""Where the gateway listens during development, chosen before anything listens."""

import socket
from collections.abc import Iterator
from itertools import chain, repeat

import pytest

from devstack import ports
from devstack.children import free_port
from devstack.faults import StackFault
from devstack.ports import gateway_places


@pytest.fixture
def usual(monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """The usual ports, which are two that are free."""
    public, management = free_port(), free_port()
    monkeypatch.setattr(ports, "_PUBLIC", public)
    monkeypatch.setattr(ports, "_MANAGEMENT", management)
    return public, management


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_usual_ports_are_taken_while_they_are_free(usual: tuple[int, int]) -> None:
    places = gateway_places()
    assert (places.port, places.management_port) == usual


def test_port_that_is_wanted_is_not_given_to_management_as_well(usual: tuple[int, int]) -> None:
    _, management = usual
    places = gateway_places(management)
    assert places.port == management
    assert places.management_port not in (0, management)


def test_free_port_that_comes_up_twice_is_not_given_twice(
    usual: tuple[int, int], taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, other = usual
    monkeypatch.setattr(ports, "_MANAGEMENT", taken)
    monkeypatch.setattr(ports, "free_port", chain(repeat(wanted, 2), repeat(other)).__next__)
    assert gateway_places(wanted).management_port == other


def test_usual_port_that_is_taken_is_replaced(monkeypatch: pytest.MonkeyPatch, taken: int) -> None:
    monkeypatch.setattr(ports, "_PUBLIC", taken)
    assert gateway_places().port != taken


def test_wanted_port_that_is_taken_is_told(taken: int) -> None:
    with pytest.raises(StackFault, match=f"Port {taken} is taken"):
        gateway_places(taken)
