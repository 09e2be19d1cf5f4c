import json
from collections.abc import AsyncIterator, Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from pydantic import SecretStr

from devstack.stack import Stack
from gateway.domain.errors import TokenRefused, Unavailable
from gateway.keycloak.clients import clients_of
from gateway.keycloak.realm import Realm
from gateway.settings import KeycloakSettings, load
from tests.keycloak.opening import Clock, changed, opened, patiently
from tests.keycloak.people import RealmUnderTest, uuid_of_client
from tests.servers.people import PersonMaker
from tests.servers.realms import fresh_realm

ISSUER = "https://sso.example.test/realms/x"
CLIENTS = ("gateway", "gateway-verified", "gateway-check", "gateway-check-otp", "gateway-admin")


def elliptic_pem() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def rsa_pem() -> str:
    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


KEYS = {
    "EC in PEM": elliptic_pem,
    "RSA in PEM": rsa_pem,
    "EC in JWK": lambda: json.dumps(ECKey.generate_key("P-256").as_dict(private=True)),
    "RSA in JWK": lambda: json.dumps(RSAKey.generate_key(2048).as_dict(private=True)),
}


def public_half(private_key: str) -> ECKey | RSAKey:
    if private_key.startswith("{"):
        material = json.loads(private_key)
        return (ECKey if material["kty"] == "EC" else RSAKey).import_key(material)
    return (RSAKey if "RSA" in private_key else ECKey).import_key(private_key)


def register(realm: RealmUnderTest, private_key: str, key_id: str) -> None:
    """Let all clients prove themselves by the key, and by nothing else."""
    key = public_half(private_key)
    algorithm = "ES256" if isinstance(key, ECKey) else "RS256"
    public = {**key.as_dict(private=False), "kid": key_id, "use": "sig", "alg": algorithm}
    for client_id in CLIENTS:
        uuid = uuid_of_client(realm, client_id)
        attributes = realm.admin.get_client(uuid)["attributes"]
        attributes |= {"use.jwks.string": "true", "jwks.string": json.dumps({"keys": [public]})}
        realm.admin.update_client(uuid, {"clientAuthenticatorType": "client-jwt", "attributes": attributes})


@pytest.fixture(scope="module")
def own_realm(stack: Stack) -> Iterator[RealmUnderTest]:
    """A realm whose clients have no secrets that count."""
    with fresh_realm(stack) as made:
        yield made


@pytest.fixture(params=KEYS.values(), ids=list(KEYS), scope="module")
def keyed(request: pytest.FixtureRequest, stack: Stack, own_realm: RealmUnderTest) -> KeycloakSettings:
    """Settings with a private key that the realm knows."""
    private_key: str = request.param()
    register(own_realm, private_key, "the-gateways-key")
    variables = {name: value for name, value in own_realm.variables.items() if not name.endswith("_SECRET")}
    proof = {"GATEWAY_KEYCLOAK__PRIVATE_KEY": private_key, "GATEWAY_KEYCLOAK__PRIVATE_KEY_ID": "the-gateways-key"}
    return patiently(load({**variables, **proof, "GATEWAY_REDIS__URL": stack.redis_url}).keycloak)


@pytest.fixture
async def by_key(keyed: KeycloakSettings) -> AsyncIterator[Realm]:
    async with opened(keyed) as realm:
        yield realm


async def test_every_call_works_with_a_private_key_instead_of_secrets(by_key: Realm, own_realm: RealmUnderTest) -> None:
    person = PersonMaker(own_realm)()
    assert await by_key.check_setup() == []
    assert await by_key.users.find(person.username)
    await by_key.factors.check_password(person.username, person.password)
    tokens = await by_key.tokens.sign_in(person.username, person.password, offline=False)
    tokens = await by_key.tokens.refresh(tokens.refresh_token)
    assert await by_key.tokens.is_active(tokens.access_token)
    await by_key.tokens.end_session(tokens.refresh_token)
    with pytest.raises(TokenRefused):
        await by_key.tokens.refresh(tokens.refresh_token)


async def test_every_call_proves_itself_anew(by_key: Realm, own_realm: RealmUnderTest) -> None:
    person = PersonMaker(own_realm)()
    tokens = await by_key.tokens.sign_in(person.username, person.password, offline=False)
    for _ in range(5):
        assert await by_key.tokens.is_active(tokens.access_token)


async def test_strangers_key_is_unavailable_and_told_as_a_fault(keyed: KeycloakSettings) -> None:
    async with opened(changed(keyed, private_key=SecretStr(elliptic_pem()))) as realm:
        with pytest.raises(Unavailable):
            await realm.users.find("ann")
        faults = await realm.check_setup()
    assert len(faults) == 5
    assert all("the public half of GATEWAY_KEYCLOAK__PRIVATE_KEY" in fault for fault in faults)
    assert "PRIVATE KEY--" not in "".join(faults)


def keyed_by(settings: KeycloakSettings, private_key: str, key_id: str | None) -> KeycloakSettings:
    return changed(settings, private_key=SecretStr(private_key), private_key_id=key_id)


def test_assertion_says_who_asks_whom_and_for_how_long(settings: KeycloakSettings) -> None:
    private_key, clock = elliptic_pem(), Clock()
    client = clients_of(keyed_by(settings, private_key, "k1"), ISSUER, clock).verified
    began = int(clock())
    form = client.credentials()
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert form["client_id"] == "gateway-verified"
    token = jwt.decode(form["client_assertion"], public_half(private_key), algorithms=["ES256"])
    assert token.header == {"alg": "ES256", "kid": "k1", "typ": "JWT"}
    assert (token.claims["iss"], token.claims["sub"]) == ("gateway-verified", "gateway-verified")
    assert token.claims["aud"] == ISSUER
    assert began <= token.claims["iat"] <= clock()
    assert 0 < token.claims["exp"] - token.claims["iat"] <= 60


def test_no_assertion_is_made_twice(settings: KeycloakSettings) -> None:
    client = clients_of(keyed_by(settings, elliptic_pem(), None), ISSUER, Clock()).gateway
    assert len({client.credentials()["client_assertion"] for _ in range(50)}) == 50


def test_client_of_a_token_is_chosen_by_name(settings: KeycloakSettings) -> None:
    clients = clients_of(settings, ISSUER, Clock())
    assert clients.client_of("gateway") is clients.gateway
    assert clients.client_of("gateway-verified") is clients.verified
    for azp in ("gateway-check", "gateway-admin", "account", "", None, ["gateway"], 1):
        assert clients.client_of(azp) is None


def test_secrets_are_in_no_representation(settings: KeycloakSettings) -> None:
    secret = settings.client_secret
    assert secret
    clients = clients_of(settings, ISSUER, Clock())
    assert clients.gateway.credentials()["client_secret"] == secret.get_secret_value()
    assert secret.get_secret_value() not in repr(clients)
