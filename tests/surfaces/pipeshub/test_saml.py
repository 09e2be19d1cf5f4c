"""Signing in by SAML, there and back (contract section 12)."""

from urllib.parse import parse_qsl, urlsplit

from tests.servers.gateway import served_gateway
from tests.servers.people import Person
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.parallel import at_once
from tests.surfaces.pipeshub.client import Pipeshub, fully, next_step, refusal
from tests.surfaces.pipeshub.people import SAML, Letters, Members
from tests.surfaces.pipeshub.saml import (
    BINDING,
    CALLBACK,
    Saml,
    cookies_of,
    failure,
    further_step,
    signed_in,
    until_no_session,
)
from tests.surfaces.saml_provider import SamlProvider
from tests.surfaces.witness import Witness, claims

THEN_CODE = [["samlSso"], ["otp"]]
AFTER_PASSWORD = [["password"], ["samlSso"]]


def test_the_last_step_ends_with_tokens_in_cookies(saml: Saml, saml_person: Person, witness: Witness) -> None:
    answer = saml.sign_in(saml_person)
    tokens = signed_in(answer)
    assert {(each["path"], each["secure"], each["samesite"]) for each in cookies_of(answer).values()} == {
        ("/", True, "None")
    }
    assert {name: each["max-age"] for name, each in cookies_of(answer).items()} == {
        "accessToken": "3600",
        "refreshToken": "604800",
    }
    assert not any(each["httponly"] or each["domain"] for each in cookies_of(answer).values())
    assert claims(tokens["accessToken"])["sub"] == saml_person.id
    assert witness.sessions(saml_person.id) == {claims(tokens["accessToken"])["sid"]}


def test_the_tokens_are_as_good_as_those_of_a_password(saml: Saml, saml_person: Person, witness: Witness) -> None:
    tokens = signed_in(saml.sign_in(saml_person))
    renewed = saml.pipeshub.refresh(tokens["refreshToken"])
    assert renewed.status_code == 200
    assert renewed.json()["user"]["email"] == saml_person.email
    assert saml.pipeshub.bearing(renewed.json()["accessToken"]).logout().status_code == 200
    assert witness.sessions(saml_person.id) == set()
    assert saml.pipeshub.refresh(tokens["refreshToken"]).status_code == 401


def test_before_the_last_step_no_session_of_keycloaks_remains(
    saml: Saml, members: Members, provider: SamlProvider, letters: Letters, witness: Witness
) -> None:
    person = members(THEN_CODE)
    provider.enrol(person)
    token = saml.pipeshub.begun(person.email)
    renewed, step = further_step(saml.sign_in(person, token))
    assert step == 1
    assert witness.sessions(person.id) == set()
    saml.pipeshub.ask_code(person.email)
    tokens = fully(saml.pipeshub.by_code(renewed, letters.code(person)))
    assert saml.pipeshub.refresh(tokens["refreshToken"]).status_code == 200


def test_who_has_sent_somebody_else_to_the_provider_does_not_go_on_for_him(
    saml: Saml, members: Members, provider: SamlProvider, letters: Letters
) -> None:
    person = members(THEN_CODE)
    provider.enrol(person)
    begun_by_another = saml.pipeshub.begun(person.email)
    renewed, _ = further_step(saml.sign_in(person, begun_by_another))
    assert renewed != begun_by_another
    saml.pipeshub.ask_code(person.email)
    refusal(saml.pipeshub.by_code(begun_by_another, letters.code(person)), 404, "SESSION_EXPIRED")
    fully(saml.pipeshub.by_code(renewed, letters.code(person)))


def test_it_may_be_the_last_step_of_several(
    saml: Saml, members: Members, provider: SamlProvider, witness: Witness
) -> None:
    person = members(AFTER_PASSWORD)
    provider.enrol(person)
    token = saml.pipeshub.begun(person.email)
    refusal(saml.leave(person.email, token), 400, "METHOD_NOT_ALLOWED")
    assert next_step(saml.pipeshub.by_password(token, person.password)) == (1, ["samlSso"])
    tokens = signed_in(saml.sign_in(person, token))
    assert witness.sessions(person.id) == {claims(tokens["accessToken"])["sid"]}
    refusal(saml.leave(person.email, token), 404, "SESSION_EXPIRED")


def test_without_a_sign_in_one_is_begun(saml: Saml, members: Members, provider: SamlProvider) -> None:
    person = members(THEN_CODE)
    provider.enrol(person)
    token, step = further_step(saml.sign_in(person))
    assert step == 1
    refusal(saml.pipeshub.by_code(token, "000000"), 401, "INVALID_CREDENTIALS")


def test_it_is_offered_while_the_realm_has_the_provider(saml: Saml, members: Members, provider: SamlProvider) -> None:
    person = members([["password", "samlSso"]])
    offered = saml.pipeshub.init(person.email).json()
    assert (offered["allowedMethods"], offered["authProviders"]) == (["password", "samlSso"], {"saml": {}})
    with saml.without(provider, person):
        offered = saml.pipeshub.init(person.email).json()
    assert (offered["allowedMethods"], offered["authProviders"]) == (["password"], {})


def test_a_later_step_offers_it_too(saml: Saml, members: Members) -> None:
    person = members(AFTER_PASSWORD)
    answer = saml.pipeshub.by_password(saml.pipeshub.begun(person.email), person.password)
    assert answer.json()["authProviders"] == {"saml": {}}


def test_without_the_provider_nobody_gets_around_it(
    saml: Saml, pipeshub: Pipeshub, members: Members, provider: SamlProvider
) -> None:
    person = members(SAML)
    with saml.without(provider, person):
        refusal(saml.pipeshub.init(person.email), 404, "ORG_CONFIG_NOT_FOUND")
    refusal(pipeshub.init(person.email), 404, "ORG_CONFIG_NOT_FOUND")


def test_the_browser_is_sent_to_keycloak_with_all_that_binds_it(
    saml: Saml, saml_person: Person, provider: SamlProvider, witness: Witness
) -> None:
    answer = saml.leave(saml_person.email, redirect_uri="https://evil.example", state="chosen")
    assert (answer.status_code, answer.headers["referrer-policy"]) == (302, "no-referrer")
    address = urlsplit(answer.headers["location"])
    query = dict(parse_qsl(address.query, strict_parsing=True))
    state, nonce, challenge = (query.pop(name) for name in ("state", "nonce", "code_challenge"))
    assert query == {
        "response_type": "code",
        "client_id": "gateway",
        "redirect_uri": "http://127.0.0.1:9/saml/signIn/callback",
        "scope": "openid",
        "code_challenge_method": "S256",
        "kc_idp_hint": provider.alias,
        "login_hint": saml_person.email,
    }
    assert len({state, nonce, challenge, cookies_of(answer)[BINDING].value}) == 4
    assert min(map(len, (state, nonce, challenge))) >= 43
    assert str(witness.http.base_url.host) == address.hostname
    assert address.path == f"/realms/{witness.realm}/protocol/openid-connect/auth"


def test_the_cookie_that_binds_is_for_the_way_back_alone(saml: Saml, saml_person: Person) -> None:
    first, second = (cookies_of(saml.leave(saml_person.email))[BINDING] for _ in range(2))
    assert (first["path"], first["samesite"], first["httponly"]) == (CALLBACK, "Lax", True)
    assert (first["max-age"], first["secure"], first["domain"]) == ("600", "", "")
    assert len(first.value) == 43
    assert first.value != second.value


def test_behind_https_and_a_prefix_the_browser_comes_back_there(brokering: Apart, saml_person: Person) -> None:
    variables = brokering(SERVER__PUBLIC_URL="https://gateway.example/", PIPESHUB__PREFIX="/id")
    with served_gateway(variables) as served, served.client() as client:
        answer = client.get("/id/saml/signIn", params={"email": saml_person.email})
    callback = dict(parse_qsl(urlsplit(answer.headers["location"]).query))["redirect_uri"]
    assert callback == "https://gateway.example/id/saml/signIn/callback"
    kept = cookies_of(answer)[BINDING]
    assert (kept["path"], kept["secure"]) == ("/id/saml/signIn/callback", True)


def test_another_spelling_of_the_e_mail_is_the_same_account(saml: Saml, saml_person: Person) -> None:
    token = saml.pipeshub.begun(saml_person.email)
    signed_in(saml.arrive(saml.through(saml.left(saml_person.email.upper(), token), saml_person)))


def test_a_complete_sign_in_clears_the_wrong_tries_before_it(
    saml: Saml, members: Members, provider: SamlProvider
) -> None:
    person = members([["password", "samlSso"]])
    provider.enrol(person)
    for _ in range(2):
        token = saml.pipeshub.begun(person.email)
        for _ in range(4):
            refusal(saml.pipeshub.by_password(token, "wrong"), 401, "INVALID_CREDENTIALS")
        saml.browser.cookies.clear()
        signed_in(saml.sign_in(person, token))


def test_a_step_that_is_not_the_last_clears_nothing(saml: Saml, members: Members, provider: SamlProvider) -> None:
    person = members([["password", "samlSso"], ["otp"]])
    provider.enrol(person)
    token = saml.pipeshub.begun(person.email)
    for _ in range(4):
        refusal(saml.pipeshub.by_password(token, "wrong"), 401, "INVALID_CREDENTIALS")
    token, _ = further_step(saml.sign_in(person, token))
    refusal(saml.pipeshub.by_code(token, "000000"), 401, "INVALID_CREDENTIALS")
    refusal(saml.pipeshub.init(person.email), 403, "ACCOUNT_BLOCKED")


def test_of_many_ways_back_at_once_one_wins(saml: Saml, saml_person: Person, witness: Witness) -> None:
    address = saml.through(saml.left(saml_person.email), saml_person)
    cookie = {"cookie": f"{BINDING}={_kept(saml)}"}
    path = address.removeprefix("http://127.0.0.1:9")
    answers = at_once([lambda: saml.pipeshub.http.get(path, headers=cookie)] * 8)
    won = [each for each in answers if "set-cookie" in each.headers]
    assert len(won) == 1
    assert [failure(each) for each in answers if each not in won] == ["auth_failed"] * 7
    until(lambda: len(witness.sessions(saml_person.id)) == 1)
    assert saml.pipeshub.refresh(signed_in(won[0])["refreshToken"]).status_code == 200


def test_a_session_that_the_provider_vouched_for_is_good_in_the_same_browser(saml: Saml, saml_person: Person) -> None:
    first = signed_in(saml.sign_in(saml_person))
    again = saml.arrive(saml.sent_back(saml.browser.visit(saml.left(saml_person.email))))
    assert claims(signed_in(again)["accessToken"])["sid"] == claims(first["accessToken"])["sid"]


def test_a_session_by_password_fails_once_and_then_the_provider_is_asked(
    saml: Saml, saml_person: Person, provider: SamlProvider, witness: Witness
) -> None:
    elsewhere = saml.left(saml_person.email).replace(f"kc_idp_hint={provider.alias}", "")
    saml.browser.submit(saml.browser.visit(elsewhere), username=saml_person.username, password=saml_person.password)
    assert len(witness.sessions(saml_person.id)) == 1
    assert failure(saml.arrive(saml.sent_back(saml.browser.visit(saml.left(saml_person.email))))) == "auth_failed"
    until_no_session(witness, saml_person)
    signed_in(saml.sign_in(saml_person))


def test_posted_to_authenticate_it_is_refused(saml: Saml, saml_person: Person) -> None:
    token = saml.pipeshub.begun(saml_person.email)
    refusal(saml.pipeshub.authenticate(token, "samlSso", {}), 400, "METHOD_NOT_ALLOWED")


def _kept(saml: Saml) -> str:
    return next(each.value or "" for each in saml.browser.cookies.jar if each.name == BINDING)
