"""Nobody gets an answer that is for somebody else, whoever breaks off in between (security S50, R4)."""

import json
import socket
import time
from functools import partial
from itertools import count
from urllib.parse import urlsplit

from tests.servers.gateway import ServedGateway
from tests.servers.people import Person, PersonMaker
from tests.surfaces.outages import recovered
from tests.surfaces.parallel import at_once
from tests.surfaces.toan.answers import refusal, tokens
from tests.surfaces.toan.client import LOGIN, Toan
from tests.surfaces.witness import claims

_PEOPLE = 8
_TIMES = 3


def test_people_at_once_get_their_own_tokens(toan: Toan, gateway: ServedGateway, make_person: PersonMaker) -> None:
    people = [make_person() for _ in range(_PEOPLE)]
    strangers = [make_person() for _ in range(_PEOPLE)]
    patience = count()
    calls = [partial(_round, toan, each) for each in people * 2]
    calls += [partial(_broken_off, gateway, each, next(patience) * 0.002) for each in strangers * _TIMES]
    answers = at_once(calls)
    assert answers[: _PEOPLE * 2] == [each.id for each in people * 2]


def _round(toan: Toan, person: Person) -> str:
    """Go through several calls as one person; say whose tokens came of it."""
    signed_in = tokens(recovered(lambda: toan.login(person.username, person.password)))
    renewed = tokens(recovered(lambda: toan.refresh(signed_in.refresh_token)))
    caller = toan.bearing(renewed.access_token)
    refusal(recovered(lambda: caller.change(person.password, "N3w!password", org="nowhere")), 403)
    subjects = {claims(each.access_token)["sub"] for each in (signed_in, renewed)}
    return str(subjects.pop()) if len(subjects) == 1 else "several"


def _broken_off(gateway: ServedGateway, person: Person, patience: float) -> str:
    """Ask, and go away before the answer."""
    there = urlsplit(gateway.url)
    body = json.dumps({"user": person.username, "password": person.password}).encode()
    head = f"POST {LOGIN} HTTP/1.1\r\nhost: {there.netloc}\r\ncontent-type: application/json\r\n"
    with socket.create_connection((there.hostname, there.port), timeout=5) as connection:
        connection.sendall(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        time.sleep(patience)
    return ""
