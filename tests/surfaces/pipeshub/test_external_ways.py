"""What a page is told of the providers that it may offer (contract sections 4 and 6)."""

import time

from tests.servers.identity_provider import CLIENT, IdentityProvider
from tests.servers.waiting import until
from tests.surfaces.pipeshub.client import Pipeshub, fully, next_step, refusal
from tests.surfaces.pipeshub.external import Firm, FirmMaker, Offer, until_offered
from tests.surfaces.pipeshub.external_realm import ExternalRealm
from tests.surfaces.pipeshub.people import Letters, Members
from tests.surfaces.witness import Witness, claims

_TENANT = "7b5e0f2c-3f0e-4a6c-9d53-0d8ad1f6a0c1"
_SEEN_WITHIN = 6.0
"""Seconds after which a change of the realm's providers counts."""


def test_what_a_page_needs_is_told_and_no_secret(pipeshub: Pipeshub, forged: Firm, foreign: IdentityProvider) -> None:
    answer = pipeshub.init(forged.employ().email)
    body = answer.json()
    assert body["allowedMethods"] == ["google", "microsoft", "azureAd", "oauth", "password"]
    assert body["authProviders"] == {
        "google": {"clientId": CLIENT},
        "microsoft": {"tenantId": _TENANT, "clientId": CLIENT},
        "azuread": {"tenantId": "common", "clientId": CLIENT},
        "oauth": {
            "providerName": "The firm's oauth",
            "clientId": CLIENT,
            "authorizationUrl": f"{foreign.url}/authorize",
            "tokenEndpoint": f"{foreign.url}/token",
        },
    }
    assert body["jitEnabled"] is False
    assert "between-us" not in answer.text


def test_the_next_step_tells_its_providers(
    pipeshub: Pipeshub, make_firm: FirmMaker, external_realm: ExternalRealm, letters: Letters, witness: Witness
) -> None:
    firm = make_firm([["otp"], ["google"]], {"google": Offer(external_realm.config)})
    until(lambda: pipeshub.init(firm.employ().email).status_code == 200)
    person = firm.employ()
    external_realm.admit(person.email)
    token = pipeshub.begun(person.email)
    pipeshub.ask_code(person.email)
    answer = pipeshub.by_code(token, letters.code(person))
    assert next_step(answer) == (1, ["google"])
    assert answer.json()["authProviders"] == {"google": {"clientId": "broker"}}
    assert witness.sessions(person.id) == set()
    told = fully(pipeshub.by_google(token, external_realm.id_token(person.email)))
    assert claims(told["accessToken"])["sub"] == person.id


def test_a_provider_that_is_switched_off_is_left_out(
    pipeshub: Pipeshub, make_firm: FirmMaker, foreign: IdentityProvider, witness: Witness
) -> None:
    firm = make_firm([["google", "password"]], {"google": Offer.by(foreign)})
    until_offered(pipeshub, firm, "google")
    person = firm.employ()
    token = pipeshub.begun(person.email)
    witness.admin.update_idp(firm.alias(), {**witness.admin.get_idp(firm.alias()), "enabled": False})
    until(lambda: pipeshub.init(person.email).json().get("allowedMethods") == ["password"])
    refusal(pipeshub.by_google(token, foreign.token(person.email)), 400, "METHOD_NOT_ALLOWED")
    fully(pipeshub.by_password(token, person.password))


def test_people_of_an_organization_that_is_switched_off_are_not_sent_to_the_realm_s_provider(
    pipeshub: Pipeshub, make_firm: FirmMaker, members: Members, foreign: IdentityProvider, witness: Witness
) -> None:
    firm = make_firm([["google", "password"]], {"google": Offer.by(foreign)})
    until_offered(pipeshub, firm, "google")
    person = firm.employ()
    token = pipeshub.begun(person.email)
    own = witness.admin.get_idp(firm.alias())
    shared = {name: each for name, each in own.items() if name not in {"internalId", "organizationId"}}
    witness.admin.create_idp({**shared, "alias": "google"})
    try:
        witness.disable_organization(firm.organization.id)
        time.sleep(_SEEN_WITHIN)
        refusal(pipeshub.by_google(token, foreign.token(person.email)), 400, "METHOD_NOT_ALLOWED")
        assert firm.links(person.id) == set()
    finally:
        witness.admin.delete_idp("google")
        # Other tests share the gateway, which has heard of it.
        email = members([["google", "password"]]).email
        until(lambda: pipeshub.init(email).json().get("allowedMethods") == ["password"])
