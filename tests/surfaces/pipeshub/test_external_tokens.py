"""Every check of an external token, each by a token that fails at nothing else (contract section 10)."""

import time
from collections.abc import Callable

import pytest

from tests.keycloak.signing import signed_by
from tests.servers.gateway import ServedGateway
from tests.servers.identity_provider import CLIENT, IdentityProvider, other_key
from tests.surfaces.pipeshub.client import Pipeshub, fully, refusal
from tests.surfaces.pipeshub.external import Firm, FirmMaker, Offer, until_offered

HOUR = 3600
FORGED: dict[str, Callable[[IdentityProvider, str], str]] = {
    "other audience": lambda foreign, email: foreign.token(email, aud="another-client"),
    "a second audience": lambda foreign, email: foreign.token(email, aud=[CLIENT, "another-client"]),
    "no audience": lambda foreign, email: foreign.token(email, aud=None),
    "audience of another type": lambda foreign, email: foreign.token(email, aud={CLIENT: True}),
    "other issuer": lambda foreign, email: foreign.token(email, iss="https://evil.example"),
    "issuer with a slash": lambda foreign, email: foreign.token(email, iss=f"{foreign.url}/"),
    "issuer of another type": lambda foreign, email: foreign.token(email, iss=[foreign.url]),
    "no issuer": lambda foreign, email: foreign.token(email, iss=None),
    "expired": lambda foreign, email: foreign.token(email, exp=_now() - 61),
    "no expiry": lambda foreign, email: foreign.token(email, exp=None),
    "expiry of another type": lambda foreign, email: foreign.token(email, exp=str(_now() + HOUR)),
    "not yet": lambda foreign, email: foreign.token(email, nbf=_now() + 70),
    "issued later": lambda foreign, email: foreign.token(email, iat=_now() + 70),
    "never issued": lambda foreign, email: foreign.token(email, iat=None),
    "other key": lambda foreign, email: foreign.signed(foreign.claims(email), other_key()),
    "unknown key id": lambda foreign, email: foreign.signed(foreign.claims(email), kid="unknown"),
    "no key id": lambda foreign, email: foreign.signed(foreign.claims(email), kid=None),
    "none": lambda foreign, email: foreign.unsigned(foreign.claims(email)),
    "HS256 with the public key": lambda foreign, email: foreign.confused(foreign.claims(email)),
    "HS256": lambda foreign, email: foreign.signed(foreign.claims(email), other_key("oct"), alg="HS256"),
    "another algorithm of the key": lambda foreign, email: foreign.signed(foreign.claims(email), alg="RS512"),
    "critical extension": lambda foreign, email: signed_by(
        foreign.key, {"alg": "RS256", "kid": "first", "crit": ["exp"]}, foreign.claims(email)
    ),
    "key in the header": lambda foreign, email: foreign.signed(
        foreign.claims(email), jwk=foreign.key.as_dict(private=False)
    ),
    "key at an address": lambda foreign, email: foreign.signed(foreign.claims(email), jku=f"{foreign.url}/forged"),
    "access token": lambda foreign, email: foreign.signed(foreign.claims(email), typ="at+jwt"),
    "Keycloak's access token": lambda foreign, email: foreign.token(email, typ="Bearer"),
    "no subject": lambda foreign, email: foreign.token(email, sub=None),
    "empty subject": lambda foreign, email: foreign.token(email, sub=""),
    "subject of another type": lambda foreign, email: foreign.token(email, sub=7),
    "endless subject": lambda foreign, email: foreign.token(email, sub="s" * 256),
    "no address": lambda foreign, email: foreign.token(email, email=None),
    "address of another type": lambda foreign, email: foreign.token(email, email=[email]),
    "no address at all": lambda foreign, email: foreign.token(email, email=None, preferred_username=email),
    "unverified address": lambda foreign, email: foreign.token(email, email_verified=False),
    "address not said to be verified": lambda foreign, email: foreign.token(email, email_verified=None),
    "address verified in words": lambda foreign, email: foreign.token(email, email_verified="true"),
    "changed claims": lambda foreign, email: _with_claims_of(foreign.token("x@example.test"), foreign.token(email)),
    "no token": lambda *_: "abc",
    "odd characters": lambda *_: "é.ü.ß",
    "two parts": lambda foreign, email: foreign.token(email).rpartition(".")[0],
}


def _now() -> int:
    return int(time.time())  # noqa: TID251 - the gateway reads the machine's clock as well


def _with_claims_of(signed: str, other: str) -> str:
    header, _, signature = signed.split(".")
    return f"{header}.{other.split('.')[1]}.{signature}"


@pytest.mark.parametrize("forgery", FORGED)
def test_a_forged_id_token_is_refused(
    pipeshub: Pipeshub, forged: Firm, foreign: IdentityProvider, forgery: str
) -> None:
    person = forged.employ()
    token = pipeshub.begun(person.email)
    refusal(pipeshub.by_google(token, FORGED[forgery](foreign, person.email)), 401, "INVALID_CREDENTIALS")
    assert foreign.asked("/forged") == 0
    assert forged.links(person.id) == set()


@pytest.mark.parametrize(
    "changed",
    [{}, {"exp": -50}, {"nbf": 50}, {"iat": 50}, {"aud": [CLIENT]}, {"typ": "ID"}, {"nonce": "n-0S6_WzA2Mj"}],
)
def test_a_good_one_is_taken_within_a_minute_of_clocks_apart(
    pipeshub: Pipeshub, forged: Firm, foreign: IdentityProvider, changed: dict[str, object]
) -> None:
    person = forged.employ()
    times = {name: _now() + value if isinstance(value, int) else value for name, value in changed.items()}
    fully(pipeshub.by_google(pipeshub.begun(person.email), foreign.token(person.email, **times)))


def test_another_person_s_address_is_another_refusal(
    pipeshub: Pipeshub, forged: Firm, foreign: IdentityProvider
) -> None:
    person, other = forged.employ(), forged.employ()
    refusal(pipeshub.by_google(pipeshub.begun(person.email), foreign.token(other.email)), 400, "VALIDATION_ERROR")


@pytest.mark.parametrize("method", ["microsoft", "azureAd"])
@pytest.mark.parametrize("claim", ["email", "upn", "preferred_username"])
def test_microsoft_names_the_address_in_several_ways(
    pipeshub: Pipeshub, forged: Firm, foreign: IdentityProvider, method: str, claim: str
) -> None:
    person = forged.employ()
    named = {"email": None, "email_verified": None, claim: person.email}
    credentials = {"accessToken": "not looked at", "idToken": foreign.token(person.email, **named)}
    fully(pipeshub.authenticate(pipeshub.begun(person.email), method, credentials))


@pytest.mark.parametrize("method", ["microsoft", "azureAd"])
def test_a_trusted_provider_may_still_say_no(
    pipeshub: Pipeshub, forged: Firm, foreign: IdentityProvider, method: str
) -> None:
    person = forged.employ()
    for said in (False, "false", 0):
        token = foreign.token(person.email, email_verified=said)
        answer = pipeshub.authenticate(pipeshub.begun(person.email), method, {"accessToken": "x", "idToken": token})
        refusal(answer, 401, "INVALID_CREDENTIALS")


def test_microsoft_s_person_is_the_one_that_keycloak_links(
    pipeshub: Pipeshub, forged: Firm, foreign: IdentityProvider
) -> None:
    person = forged.employ()
    token = foreign.token(person.email, oid="id-of-graph")
    pipeshub.authenticate(pipeshub.begun(person.email), "microsoft", {"accessToken": "x", "idToken": token})
    assert forged.links(person.id) == {(forged.alias("microsoft"), "id-of-graph")}


@pytest.mark.parametrize(
    ("changed", "is_good"),
    [
        ({}, True),
        ({"email_verified": False}, False),
        ({"email_verified": None}, False),
        ({"email": None}, False),
        ({"sub": None}, False),
    ],
)
def test_userinfo_says_whose_an_access_token_is(
    pipeshub: Pipeshub, forged: Firm, foreign: IdentityProvider, changed: dict[str, object], *, is_good: bool
) -> None:
    person = forged.employ()
    known = foreign.knows(f"access-{person.id}", person.email, **changed)
    answer = pipeshub.authenticate(pipeshub.begun(person.email), "oauth", {"accessToken": known})
    if is_good:
        fully(answer)
    else:
        refusal(answer, 401, "INVALID_CREDENTIALS")


def test_a_name_at_the_provider_is_no_verified_address(
    pipeshub: Pipeshub, forged: Firm, foreign: IdentityProvider
) -> None:
    person = forged.employ()
    named = {"email": None, "preferred_username": person.email, "email_verified": True}
    known = foreign.knows(f"access-{person.id}", person.email, **named)
    answer = pipeshub.authenticate(pipeshub.begun(person.email), "oauth", {"accessToken": known})
    refusal(answer, 401, "INVALID_CREDENTIALS")


def test_the_name_of_a_trusted_provider_is_an_address_where_it_tells_no_other(
    pipeshub: Pipeshub, make_firm: FirmMaker, foreign: IdentityProvider
) -> None:
    addresses = {"userInfoUrl": "userinfo", "authorizationUrl": "authorize", "tokenUrl": "token", "jwksUrl": "keys"}
    config = {name: f"{foreign.url}/{path}" for name, path in addresses.items()}
    config |= {"clientId": CLIENT, "clientSecret": "x", "issuer": foreign.url}
    firm = make_firm([["oauth", "password"]], {"oauth": Offer(config, trusted=True)})
    until_offered(pipeshub, firm, "oauth")
    person, other = firm.employ(), firm.employ()
    named = {"email_verified": None, "preferred_username": person.email}
    known = foreign.knows(f"name-{person.id}", person.email, email=None, **named)
    fully(pipeshub.authenticate(pipeshub.begun(person.email), "oauth", {"accessToken": known}))
    # Where there is an address, the name counts for nothing.
    addressed = foreign.knows(f"address-{person.id}", other.email, **named)
    answer = pipeshub.authenticate(pipeshub.begun(person.email), "oauth", {"accessToken": addressed})
    refusal(answer, 400, "VALIDATION_ERROR")


def test_an_access_token_that_the_provider_does_not_know_is_refused(pipeshub: Pipeshub, forged: Firm) -> None:
    token = pipeshub.begun(forged.employ().email)
    for unknown in ("unknown", "two words", "line\r\nbreak"):
        answer = pipeshub.authenticate(token, "oauth", {"accessToken": unknown})
        refusal(answer, 401, "INVALID_CREDENTIALS")


@pytest.mark.parametrize("changed", [{"sub": "somebody else"}, {"aud": "another-client"}, {"exp": 1}])
def test_an_id_token_beside_an_access_token_is_judged_too(
    pipeshub: Pipeshub, forged: Firm, foreign: IdentityProvider, changed: dict[str, object]
) -> None:
    person = forged.employ()
    known = foreign.knows(f"access-{person.id}", person.email)
    credentials = {"accessToken": known, "idToken": foreign.token(person.email, **changed)}
    refusal(pipeshub.authenticate(pipeshub.begun(person.email), "oauth", credentials), 401, "INVALID_CREDENTIALS")


@pytest.mark.parametrize(
    ("method", "credentials"),
    [
        ("google", ""),
        ("google", {}),
        ("google", {"credential": ""}),
        ("google", {"credential": 7}),
        ("google", {"idToken": "a.b.c"}),
        ("google", "a" * 8193),
        ("google", None),
        ("google", ["a.b.c"]),
        ("microsoft", {"accessToken": "a"}),
        ("microsoft", {"idToken": "a.b.c"}),
        ("microsoft", "a.b.c"),
        ("azureAd", {"accessToken": "a", "idToken": ""}),
        ("azureAd", {"accessToken": "a", "idToken": None}),
        ("oauth", {}),
        ("oauth", {"accessToken": ""}),
        ("oauth", {"accessToken": "a", "idToken": 7}),
        ("oauth", {"idToken": "a.b.c"}),
        ("oauth", {"accessToken": "a" * 16385}),
        ("samlSso", {}),
    ],
)
def test_credentials_of_another_shape_are_invalid(
    pipeshub: Pipeshub, forged: Firm, method: str, credentials: object
) -> None:
    answer = pipeshub.authenticate(pipeshub.begun(forged.employ().email), method, credentials)
    refusal(answer, 400, "METHOD_NOT_ALLOWED" if method == "samlSso" else "VALIDATION_ERROR")


def test_no_token_is_in_the_log(
    pipeshub: Pipeshub, pipeshub_gateway: ServedGateway, forged: Firm, foreign: IdentityProvider
) -> None:
    person = forged.employ()
    good, bad = foreign.token(person.email), foreign.token(person.email, aud="another-client")
    access = foreign.knows(f"access-of-{person.email}", person.email)
    begun = pipeshub.begun(person.email)
    pipeshub.by_google(begun, bad)
    pipeshub.authenticate(begun, "oauth", {"accessToken": access, "idToken": bad})
    pipeshub.by_google(begun, good)
    log = pipeshub_gateway.log
    assert person.id in log
    assert not [each for each in (good, bad, access, person.email, f"sub-of-{person.email}") if each in log]
