"""Odd second proofs, which a gateway that asks for none never looks at: below 500 and in shape as all others (S34).

`ABUSE_SEED` repeats a run, request by request.
"""

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import httpx
import pytest

from devstack.environment import variables
from tests.abuse.honest import Cast, documented, honest
from tests.abuse.oddities import TEXTS
from tests.abuse.requests import Dice, Request, dice
from tests.abuse.running import Run, odd
from tests.servers.gateway import ServedGateway
from tests.servers.generators import KEY, Generator
from tests.servers.people import Person, PersonMaker
from tests.surfaces.cyclos.client import Cyclos, require_empty, token_of, told
from tests.surfaces.cyclos.further import activated_by_session, activation_code, give

_SEED = variables().get("ABUSE_SEED", secrets.token_hex(4))
_REQUESTS = 1500
_PEOPLE = 4
_SESSIONS = 12
_GIVING = "validateSecondaryPassword"


@pytest.fixture
def abused_variables(abused_variables: Mapping[str, str]) -> dict[str, str]:
    """The variables of a gateway that asks for codes of generators everywhere."""
    asking = dict.fromkeys(("GATEWAY_CYCLOS__SECONDARY_PASSWORD", "GATEWAY_CYCLOS__CONFIRMATION_PASSWORD"), "totp")
    return {**abused_variables, **asking}


@pytest.fixture
def cast(abused: ServedGateway, abused_variables: Mapping[str, str], make_person: PersonMaker) -> Cast:
    """People with generators, of whose sessions most await a code."""
    people = [make_person(totp=KEY) for _ in range(_PEOPLE)]
    with abused.client() as http:
        pending = [_begun(Cyclos(http), each) for each in people for _ in range(_SESSIONS)]
        full = [_completed(Cyclos(http), each) for each in people]
        codes = [activation_code(abused_variables, each) for each in people]
        made = [
            activated_by_session(Cyclos(http).by_session(each), code) for each, code in zip(full, codes, strict=True)
        ]
        return Cast(_host(http), _values(pending, full, [str(told(each)["token"]) for each in made]), {}, ["x"])


def _begun(cyclos: Cyclos, person: Person) -> str:
    return token_of(cyclos.login(person.username, person.password))


def _completed(cyclos: Cyclos, person: Person) -> str:
    token = _begun(cyclos, person)
    require_empty(give(cyclos.by_session(token), Generator().code()), 204)
    return token


def _host(http: httpx.Client) -> str:
    return http.base_url.netloc.decode()


def _values(pending: Sequence[str], full: Sequence[str], clients: Sequence[str]) -> dict[str, Sequence[object]]:
    return {
        "Session-Token": (*pending, *full, "x" * 64),
        f"{_GIVING}.Session-Token": pending,
        **dict.fromkeys(("logout.Session-Token", "logoutByAlias.Session-Token"), ("x" * 64,)),
        **dict.fromkeys(("Session-Prefix", "authorization"), ("",)),
        "Access-Client-Token": clients,
        "confirmationPassword": ("x", "000000", "\u0661" * 6, "9" * 4000),
        "medium": ("email", "sms"),
        "cookie": ("False",),
    }


def _line_up(cast: Cast) -> Iterator[Request]:
    shapes = [each for each in documented() if each.surface == "cyclos"]
    (giving,) = (each for each in shapes if each.id == _GIVING)
    for number in range(_REQUESTS):
        rolled = dice(_SEED, number)
        shape = rolled.choice([giving, rolled.choice(shapes)])
        asked = honest(rolled, shape, cast)
        yield odd(rolled, number, replace(asked, raw_body=_proof(rolled)) if shape is giving else asked)


def _proof(rolled: Dice) -> bytes:
    """Write an odd text as the generated client does, or as it stands."""
    text = rolled.choice(TEXTS)
    return json.dumps(text).encode() if rolled.random() < 0.5 else text.encode(errors="replace")


async def test_odd_proofs_break_nothing(abused: ServedGateway, cast: Cast) -> None:
    print(f"ABUSE_SEED={_SEED}")  # noqa: T201 - shown beside a failure, to repeat it
    run = Run(_line_up(cast))
    await run.go(abused, _REQUESTS)
    print(sorted(run.statuses.items()))  # noqa: T201 - the same

    run.require_good(abused)
    refused = [each["event"] for each in abused.events if each.get("outcome") == "refused"]
    assert refused.count("sign_in") > _PEOPLE * _SESSIONS
    assert refused.count("confirmation") > _PEOPLE
