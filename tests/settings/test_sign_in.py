import pytest

from gateway.domain.sign_in_methods import SignInMethod
from gateway.settings import load
from tests.settings.environments import complete, the_fault


def test_every_external_method_has_an_alias_by_default() -> None:
    aliases = load(complete()).sign_in.provider_aliases
    assert aliases.keys() == {method for method in SignInMethod if method.is_external}
    assert aliases[SignInMethod.AZURE_AD] == "azuread"


def test_a_method_that_is_not_named_keeps_its_alias() -> None:
    aliases = load(complete(SIGN_IN__IDENTITY_PROVIDERS="google=acme-google, samlSso=idp.2")).sign_in.provider_aliases
    assert aliases[SignInMethod.GOOGLE] == "acme-google"
    assert aliases[SignInMethod.SAML] == "idp.2"
    assert aliases[SignInMethod.MICROSOFT] == "microsoft"


def test_no_method_makes_accounts_by_default() -> None:
    assert load(complete()).sign_in.creating_methods == frozenset()


def test_methods_that_make_accounts_are_read() -> None:
    creating = load(complete(SIGN_IN__JIT_METHODS="google,azureAd")).sign_in.creating_methods
    assert creating == {SignInMethod.GOOGLE, SignInMethod.AZURE_AD}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SIGN_IN__IDENTITY_PROVIDERS", "google"),
        ("SIGN_IN__IDENTITY_PROVIDERS", "google="),
        ("SIGN_IN__IDENTITY_PROVIDERS", "password=idp"),
        ("SIGN_IN__IDENTITY_PROVIDERS", "google=../clients"),
        ("SIGN_IN__IDENTITY_PROVIDERS", "google=a=b"),
        ("SIGN_IN__IDENTITY_PROVIDERS", "google=a,google=b"),
        ("SIGN_IN__JIT_METHODS", "password"),
        ("SIGN_IN__JIT_METHODS", "azuread"),
        ("SIGN_IN__INSECURE_PROVIDERS", "perhaps"),
    ],
)
def test_what_makes_no_sense_is_a_fault(name: str, value: str) -> None:
    assert the_fault(complete(**{name: value})).startswith(f"GATEWAY_{name}")
