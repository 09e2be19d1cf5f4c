"""Keycloak by https: whoever cannot show a certificate for its name, of a known authority, gets no password (S44)."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import Realm, Stack
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.patience import PATIENT, named
from tests.servers.people import PersonMaker
from tests.state.tls_front import tls_before, write_certificate


@contextmanager
def _running(front: AbstractAsyncContextManager[int]) -> Iterator[int]:
    """Run what listens in a thread, and tell its port."""
    listening: Future[int] = Future()
    loop, ended = asyncio.new_event_loop(), asyncio.Event()

    async def listen() -> None:
        async with front as port:
            listening.set_result(port)
            await ended.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(listen(),))
    thread.start()
    try:
        yield listening.result(30)
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        loop.close()


@contextmanager
def _served(
    variables: Mapping[str, str], stack: Stack, realm: Realm, certificate: Path, *, known: bool, ready: bool
) -> Iterator[ServedGateway]:
    """Serve a gateway that reaches Keycloak by TLS only."""
    with _running(tls_before(urlsplit(stack.keycloak_url).port or 0, certificate)) as port:
        # Keycloak behind it speaks plain HTTP, and takes the name that it is called by for its own.
        own = {
            "GATEWAY_KEYCLOAK__URL": f"https://127.0.0.1:{port}",
            "GATEWAY_KEYCLOAK__ISSUER": f"http://127.0.0.1:{port}/realms/{realm.name}",
        }
        # A handshake that takes long is another trouble.
        own |= named(PATIENT)
        trusted = {"SSL_CERT_FILE": str(certificate)} if known else {}
        with served_gateway({**variables, **own, **trusted}, wait_ready=ready, anew=True) as served:
            yield served


def test_certificate_of_an_authority_that_is_made_known_is_believed(
    gateway_variables: Mapping[str, str], stack: Stack, realm: Realm, make_person: PersonMaker, tmp_path: Path
) -> None:
    person, certificate = make_person(), write_certificate(tmp_path)
    with (
        _served(gateway_variables, stack, realm, certificate, known=True, ready=True) as served,
        served.client() as client,
    ):
        answer = client.post("/api/iam/login", json={"user": person.username, "password": person.password})
        assert answer.status_code == 200, answer.text
        assert "keycloak_unreachable" not in served.log


@pytest.mark.parametrize(("address", "known"), [("127.0.0.1", False), ("127.0.0.2", True)])
def test_certificate_that_proves_nothing_is_an_outage_whose_reason_is_logged(
    gateway_variables: Mapping[str, str], stack: Stack, realm: Realm, tmp_path: Path, address: str, *, known: bool
) -> None:
    certificate = write_certificate(tmp_path, address)
    with (
        _served(gateway_variables, stack, realm, certificate, known=known, ready=False) as served,
        served.client() as client,
    ):
        answer = client.post("/api/iam/login", json={"user": "somebody", "password": "Passw0rd!x"})
        assert (answer.status_code, answer.json()) == (503, {"detail": "Service unavailable"})
        told = {
            each["trouble"] for each in served.events if each["event"] == "keycloak_unreachable" and "trouble" in each
        }
        assert told == {"ClientConnectorCertificateError"}
        assert "Passw0rd!x" not in served.log
