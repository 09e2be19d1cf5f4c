from collections.abc import Mapping

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from gateway.domain.errors import CaptchaRefused
from gateway.settings import CaptchaSettings
from gateway.third_parties.captcha import Captcha
from gateway.third_parties.connection import Connection
from tests.keycloak.opening import closed_url
from tests.servers.bad_verdicts import REFUSING, SLOW, UNCLEAR
from tests.servers.siteverify import Siteverify, Way, says

EVERY: Mapping[str, tuple[Way, str]] = {
    **{name: (way, "refused") for name, way in REFUSING.items()},
    **{name: (way, "unverified") for name, way in {**UNCLEAR, **SLOW}.items()},
}


@pytest.fixture
def captcha(connection: Connection, verifier: Siteverify) -> Captcha:
    return Captcha(connection, verifier.url, SecretStr(verifier.secret))


async def _why(captcha: Captcha, token: str) -> str:
    with pytest.raises(CaptchaRefused) as refusal:
        await captcha.verify(token, "192.0.2.1")
    return refusal.value.why


async def test_a_solution_counts_once(captcha: Captcha, verifier: Siteverify) -> None:
    token = verifier.solved()
    await captcha.verify(token, "192.0.2.1")
    assert await _why(captcha, token) == "refused"


async def test_the_verifier_is_told_secret_solution_and_address(captcha: Captcha, verifier: Siteverify) -> None:
    token = verifier.solved()
    await captcha.verify(token, "2001:db8::17")
    assert verifier.asked_about(token) == [
        {"secret": verifier.secret, "response": token, "remoteip": "2001:db8::17"},
    ]


async def test_an_unknown_address_is_not_told(captcha: Captcha, verifier: Siteverify) -> None:
    token = verifier.solved()
    await captcha.verify(token, None)
    assert verifier.asked_about(token) == [{"secret": verifier.secret, "response": token}]


async def test_what_nobody_has_solved_is_refused(captcha: Captcha) -> None:
    assert await _why(captcha, "made up") == "refused"


@pytest.mark.parametrize(("way", "why"), EVERY.values(), ids=EVERY)
async def test_whatever_is_no_yes_is_a_no(captcha: Captcha, verifier: Siteverify, way: Way, why: str) -> None:
    token = verifier.misbehaving(way)
    assert await _why(captcha, token) == why
    assert verifier.asked_about(token)
    assert verifier.lost == []


async def test_a_verifier_out_of_reach_is_a_no(connection: Connection) -> None:
    for url in (closed_url(), "http://verifier.invalid/siteverify"):
        assert await _why(Captcha(connection, url, SecretStr("x")), "token") == "unverified"


async def test_a_wrong_secret_is_told_to_the_operator(connection: Connection, verifier: Siteverify) -> None:
    with capture_logs() as log:
        assert await _why(Captcha(connection, verifier.url, SecretStr("another")), verifier.solved()) == "unverified"
    (told,) = log
    assert (told["event"], told["log_level"]) == ("captcha_secret_refused", "error")


async def test_what_the_verifier_says_is_not_logged(captcha: Captcha, verifier: Siteverify) -> None:
    ways = [
        says('{"success": "repeated-secret"}'),
        says('{"success": false, "error-codes": ["repeated-secret", "internal-error"]}'),
        says("repeated-secret", status=302, location="https://repeated-secret.example"),
    ]
    with capture_logs() as log:
        for way in ways:
            await _why(captcha, verifier.misbehaving(way))
    assert [each["event"] for each in log] == ["captcha_answer_unexpected"] * len(ways)
    assert "repeated-secret" not in repr(log)


async def test_without_a_secret_there_is_nobody_to_ask(connection: Connection, verifier: Siteverify) -> None:
    assert Captcha.of(connection, CaptchaSettings(verify_url=verifier.url)) is None
    secret = SecretStr(verifier.secret)
    assert Captcha.of(connection, CaptchaSettings(verify_url=verifier.url, secret=secret))
