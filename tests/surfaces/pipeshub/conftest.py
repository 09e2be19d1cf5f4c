from collections.abc import Iterator, Mapping

import httpx
import pytest
from keycloak import KeycloakAdmin

from tests.conftest import Mailbox, Realm, Stack
from tests.servers.gateway import ServedGateway, served_gateway, watched_gateway
from tests.servers.identity_provider import CLIENT, IdentityProvider, listening
from tests.servers.people import OrganizationMaker, Person, PersonMaker
from tests.servers.siteverify import Siteverify, siteverify
from tests.surfaces.conftest import Apart
from tests.surfaces.mailing import mailing_through
from tests.surfaces.pipeshub import external_realm as external_realms
from tests.surfaces.pipeshub.client import AUTHENTICATE, CHANGE, RESET, WITH_BODY, Pipeshub
from tests.surfaces.pipeshub.external import Firm, FirmMaker, Offer, until_offered
from tests.surfaces.pipeshub.external_realm import ExternalRealm
from tests.surfaces.pipeshub.people import SAML, Letters, Members
from tests.surfaces.pipeshub.saml import PUBLIC_URL, Saml
from tests.surfaces.pipeshub.scoped import SHARED_SECRET
from tests.surfaces.realm_key import RealmKey
from tests.surfaces.saml_provider import SamlProvider
from tests.surfaces.saml_provider import made as made_provider
from tests.surfaces.witness import Witness


@pytest.fixture(scope="session")
def mailing(apart: Apart, stack: Stack) -> dict[str, str]:
    """The variables of a gateway that sends its own mails."""
    return apart(
        **mailing_through(stack),
        PIPESHUB__SCOPED_TOKEN_SECRET=SHARED_SECRET,
    )


@pytest.fixture(scope="session")
def mailing_apart(mailing: Mapping[str, str]) -> Apart:
    """Variables for further gateways that send mails."""
    return Apart(mailing)


@pytest.fixture(scope="session")
def pipeshub_gateway(mailing: Mapping[str, str], realm_key: RealmKey) -> Iterator[ServedGateway]:
    """The gateway that most tests share; nothing that they do may be unexpected."""
    with watched_gateway(mailing) as served:
        yield served


@pytest.fixture(scope="session")
def connections(pipeshub_gateway: ServedGateway) -> Iterator[httpx.Client]:
    """Connections to it."""
    with pipeshub_gateway.client() as client:
        yield client


@pytest.fixture(scope="session")
def pipeshub(connections: httpx.Client) -> Pipeshub:
    """The document's own client, without a bearer."""
    return Pipeshub(connections)


@pytest.fixture(scope="session")
def concealing(mailing_apart: Apart) -> Iterator[Pipeshub]:
    """A gateway that tells nobody who has an account."""
    with served_gateway(mailing_apart(PIPESHUB__CONCEAL_UNKNOWN_USERS="true")) as served, served.client() as client:
        yield Pipeshub(client)


@pytest.fixture(scope="session")
def verifier() -> Iterator[Siteverify]:
    """Whoever verifies CAPTCHAs."""
    with siteverify() as running:
        yield running


@pytest.fixture(scope="session")
def guarded_apart(mailing_apart: Apart, verifier: Siteverify) -> Apart:
    """Variables of gateways with CAPTCHA; no mailbox is full before the limit of an operation says so."""
    captcha = {"CAPTCHA__SECRET": verifier.secret, "CAPTCHA__VERIFY_URL": verifier.url}
    return Apart(mailing_apart(**captcha, LIMITS__MAILS_PER_MAILBOX="100"))


@pytest.fixture(scope="session")
def guarded_gateway(guarded_apart: Apart) -> Iterator[ServedGateway]:
    """A gateway with CAPTCHA; nothing that is done to it may be unexpected."""
    with watched_gateway(guarded_apart()) as served:
        yield served


@pytest.fixture(scope="session")
def guarded(guarded_gateway: ServedGateway) -> Iterator[Pipeshub]:
    """The document's own client, at the gateway with CAPTCHA."""
    with guarded_gateway.client() as client:
        yield Pipeshub(client)


@pytest.fixture(scope="session")
def members(realm: Realm) -> Members:
    """Makes people in organizations with certain steps."""
    return Members(realm, PersonMaker(realm), OrganizationMaker(realm))


@pytest.fixture(scope="session")
def letters(mailbox: Mailbox) -> Letters:
    """Everybody's codes and links."""
    return Letters(mailbox)


@pytest.fixture(scope="session")
def callers(pipeshub: Pipeshub, realm: Realm, letters: Letters) -> Mapping[str, Pipeshub]:
    """Path of each operation with a body → somebody who may call it, so that only the body can be wrong."""
    person = PersonMaker(realm)()
    assert pipeshub.forgot(person.email).status_code == 200
    return {
        **dict.fromkeys(WITH_BODY, pipeshub),
        AUTHENTICATE: pipeshub.sending(x_session_token=pipeshub.begun(person.email)),
        CHANGE: pipeshub.bearing(pipeshub.sign_in(person.email, person.password)["accessToken"]),
        RESET: pipeshub.bearing(letters.token(person)),
    }


@pytest.fixture(scope="session")
def external_realm(witness: Witness, stack: Stack) -> Iterator[ExternalRealm]:
    """A second realm that ours trusts for identities."""
    administrator = KeycloakAdmin(
        server_url=stack.keycloak_url,
        username=stack.keycloak_admin,
        password=stack.keycloak_admin_password,
        realm_name="master",
        user_realm_name="master",
    )
    with external_realms.made(witness.admin, witness.http, administrator) as made:
        yield made


@pytest.fixture(scope="session")
def provider(witness: Witness, stack: Stack) -> Iterator[SamlProvider]:
    """A SAML identity provider that the realm trusts."""
    with made_provider(witness, stack) as made:
        yield made


@pytest.fixture(scope="session")
def foreign() -> Iterator[IdentityProvider]:
    """A provider whose key the tests hold; nobody changes how it answers."""
    with listening() as provider:
        yield provider


@pytest.fixture(scope="session")
def make_firm(realm: Realm, members: Members, witness: Witness) -> FirmMaker:
    """Makes firms with providers of their own."""
    return FirmMaker(realm, members, witness)


@pytest.fixture(scope="session")
def genuine(pipeshub: Pipeshub, make_firm: FirmMaker, external_realm: ExternalRealm) -> Firm:
    """A firm whose people come from the second realm, by whatever method, or with a password."""
    offer = Offer(external_realm.config)
    firm = make_firm([["google", "password", "oauth"]], {"google": offer, "oauth": offer})
    until_offered(pipeshub, firm, "oauth")
    return firm


@pytest.fixture(scope="session")
def forged(pipeshub: Pipeshub, make_firm: FirmMaker, foreign: IdentityProvider) -> Firm:
    """A firm whose people come from the provider whose key the tests hold."""
    config = {
        "clientId": CLIENT,
        "clientSecret": "between-us",
        "issuer": foreign.url,
        "jwksUrl": f"{foreign.url}/keys",
        "userInfoUrl": f"{foreign.url}/userinfo",
        "authorizationUrl": f"{foreign.url}/authorize",
        "tokenUrl": f"{foreign.url}/token",
    }
    offers = {
        "google": Offer(config),
        "microsoft": Offer({**config, "tenantId": "7b5e0f2c-3f0e-4a6c-9d53-0d8ad1f6a0c1"}, "microsoft", trusted=True),
        "azureAd": Offer(config, trusted=True),
        "oauth": Offer(config),
    }
    firm = make_firm([["google", "microsoft", "azureAd", "oauth", "password"]], offers)
    until_offered(pipeshub, firm, "oauth")
    return firm


@pytest.fixture(scope="session")
def creating(mailing_apart: Apart) -> Iterator[Pipeshub]:
    """A gateway that makes accounts for who comes by Google or Microsoft."""
    with served_gateway(mailing_apart(SIGN_IN__JIT_METHODS="google,microsoft")) as served, served.client() as client:
        yield Pipeshub(client)


@pytest.fixture(scope="session")
def brokering(mailing: Mapping[str, str], provider: SamlProvider) -> Apart:
    """Variables of gateways that use it."""
    further = {
        "GATEWAY_SIGN_IN__IDENTITY_PROVIDERS": f"samlSso={provider.alias}",
        "GATEWAY_SERVER__PUBLIC_URL": PUBLIC_URL,
    }
    return Apart({**mailing, **further})


@pytest.fixture(scope="session")
def saml_gateway(brokering: Apart) -> Iterator[ServedGateway]:
    """A gateway that uses it; nothing that the tests do may be unexpected."""
    with watched_gateway(brokering()) as served:
        yield served


@pytest.fixture
def saml(saml_gateway: ServedGateway) -> Iterator[Saml]:
    """A browser at that gateway."""
    with Saml.opened(saml_gateway) as opened:
        yield opened


@pytest.fixture
def saml_person(members: Members, provider: SamlProvider) -> Person:
    """Somebody whose organization wants nothing but SAML."""
    made = members(SAML)
    provider.enrol(made)
    return made
