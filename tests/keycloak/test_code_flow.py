from urllib.parse import parse_qsl, urlsplit

import pytest
from pydantic import SecretStr

from gateway.domain.errors import TokenRefused, Unavailable
from gateway.keycloak.realm import Realm
from gateway.settings import KeycloakSettings
from tests.keycloak.codes import ASKED, CALLBACK, code_of, exchanged
from tests.keycloak.opening import changed, opened
from tests.keycloak.people import PersonMaker, RealmUnderTest
from tests.keycloak.tokens_apart import claims_of


async def test_a_browser_is_sent_with_what_the_code_is_bound_to(keycloak: Realm, realm: RealmUnderTest) -> None:
    address = urlsplit(keycloak.code_flow.address(ASKED))
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{realm.issuer}/protocol/openid-connect/auth"
    assert dict(parse_qsl(address.query, strict_parsing=True)) == {
        "response_type": "code",
        "client_id": "gateway",
        "redirect_uri": CALLBACK,
        "scope": "openid",
        "state": "the-state",
        "nonce": "the-nonce",
        # SHA-256 of 64 times `v`, computed elsewhere.
        "code_challenge": "w1TpKUdYE9hUAcNSeeSRFioHDxfUxuHho_JHAfZ_vDM",
        "code_challenge_method": "S256",
        "kc_idp_hint": "no-such-provider",
        "login_hint": "ann@example.test",
    }


async def test_a_browser_is_sent_to_the_public_address(settings: KeycloakSettings) -> None:
    public = "https://id.example/auth/realms/acme"
    async with opened(changed(settings, issuer=public)) as realm:
        assert realm.code_flow.address(ASKED).startswith(f"{public}/protocol/openid-connect/auth?")


async def test_a_code_gives_the_tokens_of_the_browsers_session(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person = make_person()
    granted = await exchanged(keycloak, person)
    assert [each["id"] for each in realm.admin.get_sessions(person.id)] == [granted.tokens.session_id]
    assert (await keycloak.access_tokens.verify(granted.tokens.access_token)).account_id == person.id
    assert claims_of(granted.tokens.refresh_token)["azp"] == "gateway"
    assert 604790 <= granted.tokens.refresh_expires_in <= 604800
    assert (await keycloak.tokens.refresh(granted.tokens.refresh_token)).session_id == granted.tokens.session_id
    assert granted.id_token not in repr(granted)


async def test_a_code_works_once(keycloak: Realm, make_person: PersonMaker) -> None:
    code = code_of(keycloak, make_person())
    await keycloak.code_flow.exchange(code, verifier=ASKED.verifier, callback=CALLBACK)
    with pytest.raises(TokenRefused):
        await keycloak.code_flow.exchange(code, verifier=ASKED.verifier, callback=CALLBACK)


@pytest.mark.parametrize(
    ("verifier", "callback"), [("w" * 64, CALLBACK), ("", CALLBACK), (ASKED.verifier, f"{CALLBACK}/other")]
)
async def test_a_code_is_bound_to_its_verifier_and_callback(
    keycloak: Realm, make_person: PersonMaker, verifier: str, callback: str
) -> None:
    code = code_of(keycloak, make_person())
    with pytest.raises(TokenRefused):
        await keycloak.code_flow.exchange(code, verifier=verifier, callback=callback)


@pytest.mark.parametrize("code", ["made-up", "a.b.c", "x" * 7000, "\ud800", "ü&code=x"])
async def test_a_made_up_code_is_refused(keycloak: Realm, code: str) -> None:
    with pytest.raises(TokenRefused):
        await keycloak.code_flow.exchange(code, verifier=ASKED.verifier, callback=CALLBACK)


async def test_without_keycloak_nothing_is_known_of_a_code(unreachable: Realm) -> None:
    with pytest.raises(Unavailable):
        await unreachable.code_flow.exchange("code", verifier=ASKED.verifier, callback=CALLBACK)


async def test_a_client_that_keycloak_refuses_is_no_fault_of_the_code(settings: KeycloakSettings) -> None:
    async with opened(changed(settings, client_secret=SecretStr("x" * 43))) as realm:
        with pytest.raises(Unavailable):
            await realm.code_flow.exchange("code", verifier=ASKED.verifier, callback=CALLBACK)
