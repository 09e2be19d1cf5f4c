"""CAPTCHA as an operator sees it: off, over TLS, behind a proxy, in the log and in the metrics."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import redis

from tests.mail.authority import Authority
from tests.servers.bad_verdicts import REFUSING, UNCLEAR
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import PersonMaker
from tests.servers.siteverify import Siteverify, elsewhere, says, siteverify
from tests.surfaces import counted
from tests.surfaces.conftest import Apart
from tests.surfaces.logged import told_of
from tests.surfaces.pipeshub.client import CODE, FORGOT, Pipeshub, refusal
from tests.surfaces.pipeshub.guarded import CALLS, EITHER, Asker, Call, solution
from tests.surfaces.pipeshub.people import Letters, Members
from tests.surfaces.witness import Witness

_NOBODY = "nobody@example.test"


def _forgot(client: httpx.Client, token: str, **headers: str) -> httpx.Response:
    return Pipeshub(client).sending(**headers).post(FORGOT, {"email": _NOBODY, **solution(token)})


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("captcha", [{}, solution(None), solution(""), solution("made up")], ids=repr)
def test_without_a_secret_the_field_is_ignored(
    pipeshub: Pipeshub, members: Members, witness: Witness, call: Call, captcha: dict[str, object]
) -> None:
    person = members(EITHER)
    asker = Asker(pipeshub, person, str(witness.verified(person.username)["access_token"]))
    assert call(asker, **captcha).status_code == 200


@pytest.mark.parametrize(
    ("forwarded", "told"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("203.0.113.9, 2001:db8::5:6:7:8", "2001:db8::5:6:7:8"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("not an address", "127.0.0.1"),
    ],
)
def test_the_verifier_is_told_whom_a_trusted_proxy_speaks_for(
    behind_proxy: httpx.Client, verifier: Siteverify, forwarded: str, told: str
) -> None:
    token = verifier.solved()
    assert _forgot(behind_proxy, token, x_forwarded_for=forwarded).status_code == 200
    (form,) = verifier.asked_about(token)
    assert form["remoteip"] == told


@pytest.fixture(scope="module")
def behind_proxy(guarded_apart: Apart) -> Iterator[httpx.Client]:
    """A gateway that trusts whoever is on this machine."""
    with served_gateway(guarded_apart(SERVER__TRUSTED_PROXIES="127.0.0.0/8")) as served, served.client() as client:
        yield client


def test_nobody_else_is_believed(guarded: Pipeshub, verifier: Siteverify) -> None:
    token = verifier.solved()
    assert _forgot(guarded.http, token, x_forwarded_for="192.0.2.1", cf_connecting_ip="192.0.2.2").status_code == 200
    (form,) = verifier.asked_about(token)
    assert form["remoteip"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("named", "vouched_for", "status"),
    [("127.0.0.1", True, 200), ("127.0.0.1", False, 401), ("verifier.example", True, 401)],
    ids=["trusted", "of an unknown authority", "of another name"],
)
def test_only_a_verifier_with_a_certificate_is_believed(
    guarded_apart: Apart, tmp_path: Path, named: str, *, vouched_for: bool, status: int
) -> None:
    authority = Authority(tmp_path)
    trusted = {"SSL_CERT_FILE": str(authority.file)} if vouched_for else {}
    with siteverify(authority.server(named)) as encrypted:
        variables = guarded_apart(CAPTCHA__SECRET=encrypted.secret, CAPTCHA__VERIFY_URL=encrypted.url)
        with served_gateway({**variables, **trusted}, anew=True) as served, served.client() as client:
            assert _forgot(client, encrypted.solved()).status_code == status
        assert len(encrypted.asked) == (status == 200)


def test_a_gateway_with_captcha_starts_without_its_verifier(guarded_apart: Apart) -> None:
    with served_gateway(guarded_apart(CAPTCHA__VERIFY_URL="https://verifier.invalid/siteverify")) as served:
        with served.client() as client:
            refusal(_forgot(client, "whatever"), 401, "INVALID_CAPTCHA")
        assert [each["party"] for each in served.events if each["event"] == "third_party_unreachable"] == ["captcha"]


def test_a_refusal_is_told_with_its_reason_and_of_nobody(
    guarded: Pipeshub, guarded_gateway: ServedGateway, verifier: Siteverify
) -> None:
    expected = {
        "": ("refused", "missing"),
        verifier.misbehaving(REFUSING["no"]): ("refused", "refused"),
        verifier.misbehaving(UNCLEAR["a page"]): ("failed", "unverified"),
    }
    for token, (outcome, reason) in expected.items():
        labels = {"outcome": outcome, "reason": reason, "surface": "pipeshub"}
        before = counted.security_events(guarded_gateway, "captcha", **labels)
        answer = _forgot(guarded.http, token)
        refusal(answer, 401, "INVALID_CAPTCHA")
        assert counted.security_events(guarded_gateway, "captcha", **labels) == before + 1
        (told,) = told_of(guarded_gateway, answer, "captcha")
        assert (told["outcome"], told["reason"], told["account"]) == (outcome, reason, "none")
        assert (told["address"], told["level"]) == ("127.0.0.1", "warning")


def test_secret_and_solutions_are_in_no_log(
    guarded: Pipeshub, guarded_gateway: ServedGateway, verifier: Siteverify, make_person: PersonMaker
) -> None:
    email = make_person().email
    repeating = [
        verifier.misbehaving(says(json.dumps({"success": 1, "error-codes": [verifier.secret]}))),
        verifier.misbehaving(says(verifier.secret, status=500)),
        verifier.misbehaving(elsewhere),
    ]
    tokens = [*repeating, *map(verifier.misbehaving, UNCLEAR.values()), verifier.solved(), "a-made-up-solution"]
    for token in tokens:
        guarded.post(CODE, {"email": email, **solution(token)})
    assert not [each for each in (verifier.secret, *tokens, email) if each in guarded_gateway.log]


def test_the_secret_goes_to_the_verifier_and_nowhere_else(  # noqa: PLR0913, PLR0917 - all the places it could go to
    guarded: Pipeshub,
    guarded_gateway: ServedGateway,
    guarded_apart: Apart,
    verifier: Siteverify,
    members: Members,
    letters: Letters,
    store: redis.Redis,
) -> None:
    person = members(EITHER)
    answers = [
        guarded.init(person.email),
        guarded.post(CODE, {"email": person.email, **solution(verifier.misbehaving(elsewhere))}),
        guarded.post(CODE, {"email": person.email, **solution(verifier.solved())}),
        httpx.get(f"{guarded_gateway.management_url}/metrics"),
        httpx.get(f"{guarded_gateway.management_url}/openapi/pipeshub.json"),
    ]
    secret = verifier.secret
    assert not [each for each in answers if secret in each.text or secret in repr(each.headers)]
    assert secret not in letters.text(person)
    assert verifier.lost == []
    assert not [each for each in verifier.headers if secret in repr(each) or "cookie" in each]
    prefix = guarded_apart.variables["GATEWAY_REDIS__PREFIX"]
    keys = list(store.scan_iter(f"{prefix}*"))
    assert keys
    assert not [key for key in keys if secret.encode() in key + (store.dump(key) or b"")]
