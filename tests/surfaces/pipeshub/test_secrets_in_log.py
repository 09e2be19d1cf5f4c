"""Passwords, codes and tokens are never in the log (security S48)."""

from urllib.parse import parse_qs, urlsplit

from tests.servers.gateway import ServedGateway
from tests.surfaces.pipeshub.client import Pipeshub, fully, next_step, refusal
from tests.surfaces.pipeshub.people import BOTH, Letters, Members
from tests.surfaces.pipeshub.saml import BINDING, Saml, failure, signed_in
from tests.surfaces.saml_provider import SamlProvider

_NEW = "An0ther!word-to-look-for"
_WRONG = "Wr0ng!word-to-look-for"


def test_nothing_secret_is_logged(
    pipeshub: Pipeshub, pipeshub_gateway: ServedGateway, members: Members, letters: Letters
) -> None:
    person = members(BOTH)
    token = pipeshub.begun(person.email)
    refusal(pipeshub.by_password(token, _WRONG), 401, "INVALID_CREDENTIALS")
    next_step(pipeshub.by_password(token, person.password))
    pipeshub.ask_code(person.email)
    code = letters.code(person)
    tokens = fully(pipeshub.by_code(token, code))
    pipeshub.refresh(tokens["refreshToken"])
    pipeshub.forgot(person.email)
    link = letters.token(person, 2)
    assert pipeshub.reset(link, _NEW).status_code == 200
    pipeshub.forgot(person.email)
    log = pipeshub_gateway.log
    secret = [person.password, _WRONG, _NEW, token, link, *tokens.values(), person.email, f'"{code}"']
    assert person.id in log
    assert not [each for each in secret if each != "Fully authenticated" and each in log]


def test_nothing_of_a_sign_in_by_saml_is_logged(
    saml: Saml, saml_gateway: ServedGateway, members: Members, provider: SamlProvider
) -> None:
    person = members([["samlSso"]])
    provider.enrol(person)
    token = saml.pipeshub.begun(person.email)
    address = saml.through(saml.left(person.email, token), person)
    binding = [each.value or "" for each in saml.browser.cookies.jar if each.name == BINDING]
    tokens = signed_in(saml.arrive(address))
    assert failure(saml.arrive(address)) == "auth_failed"
    brought = [value for values in parse_qs(urlsplit(address).query).values() for value in values]
    secret = [token, person.email, *binding, *tokens.values(), *brought]
    log = saml_gateway.log
    assert person.id in log
    assert not [each for each in secret if each in log]
