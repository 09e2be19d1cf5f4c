from datetime import timedelta

import pytest

from gateway.app import SURFACES
from gateway.domain.visits import NameKind
from gateway.settings import Settings, SurfaceSettings, load
from tests.settings.environments import complete, the_fault


def test_every_surface_has_its_section() -> None:
    sections = {name for name, field in Settings.model_fields.items() if isinstance(field.default, SurfaceSettings)}
    assert sections == {surface.name for surface in SURFACES}


def test_a_surface_can_be_switched_off_and_moved() -> None:
    toan = load(complete(TOAN__ENABLED="false", TOAN__PREFIX="/identity/v1")).toan
    assert not toan.enabled
    assert toan.prefix == "/identity/v1"


@pytest.mark.parametrize(
    "prefix", ["identity", "/identity/", "/", "//", "/..", "/a/../b", "/./a", "/a b", "/a?b", "/%2e"]
)
def test_a_prefix_that_no_client_would_ask_for_is_refused(prefix: str) -> None:
    assert the_fault(complete(TOAN__PREFIX=prefix)).startswith("GATEWAY_TOAN__PREFIX: must match pattern")


def test_toan_follows_its_contract_by_default() -> None:
    settings = load(complete())
    toan = settings.toan
    assert (toan.org_check, settings.organizations.admins_group) == ("strict", "admins")
    assert (toan.mail_limit, toan.mail_window) == (3, timedelta(minutes=15))
    assert toan.reset_link_lifetime == timedelta(hours=1)


def test_nap_follows_its_contract_by_default() -> None:
    nap = load(complete()).nap
    assert (nap.multitenancy, nap.api_keys, nap.debug) == (False, [], False)
    assert (nap.flow_lifetime, nap.refresh_grace) == (timedelta(minutes=10), timedelta(seconds=10))
    assert (nap.mail_limit, nap.mail_window) == (3, timedelta(minutes=15))
    assert nap.verification_lifetime == timedelta(hours=24)


def test_kestra_follows_its_contract_by_default() -> None:
    kestra = load(complete()).kestra
    minute, hour = timedelta(minutes=1), timedelta(hours=1)
    assert (kestra.invitation_ttl, kestra.default_tenant) == (timedelta(days=7), "main")
    assert (kestra.passwordless, kestra.accept_requires_login) == (False, False)
    assert (kestra.reset_token_ttl, kestra.reset_cooldown) == (hour, 5 * minute)
    assert (kestra.reset_max_requests, kestra.reset_window) == (10, hour)
    assert (kestra.code_ttl, kestra.code_cooldown, kestra.code_max_attempts) == (10 * minute, minute, 5)
    assert (kestra.code_max_requests, kestra.code_window) == (10, hour)


def test_an_invitation_may_be_good_for_thirty_days_and_no_longer() -> None:
    assert load(complete(KESTRA__INVITATION_TTL="P30D")).kestra.invitation_ttl == timedelta(days=30)
    assert the_fault(complete(KESTRA__INVITATION_TTL="P30DT1S")).startswith("GATEWAY_KESTRA__INVITATION_TTL: ")


@pytest.mark.parametrize("key", ["toolittle", "a" * 40, "changeme" * 5])
def test_a_key_that_can_be_guessed_is_refused(key: str) -> None:
    told = the_fault(complete(NAP__API_KEYS=key))
    assert told.startswith("GATEWAY_NAP__API_KEYS")
    assert key not in told


def test_cyclos_follows_its_contract_by_default() -> None:
    cyclos = load(complete()).cyclos
    assert (cyclos.enabled, cyclos.networks, cyclos.second_proof) == (True, False, None)
    assert (cyclos.session_timeout, cyclos.session_recheck) == (timedelta(minutes=30), timedelta(seconds=30))
    assert (cyclos.name_kinds, cyclos.usual_kind) == ((NameKind.USERNAME, NameKind.EMAIL), None)
    assert cyclos.phone_attribute == "phoneNumber"
    assert (cyclos.code_ttl, cyclos.forgotten_key_ttl) == (timedelta(minutes=5), timedelta(hours=1))
    assert (cyclos.forgotten_max_mails, cyclos.forgotten_window) == (3, timedelta(minutes=15))
    assert load(complete(CYCLOS__SESSION_RECHECK="0")).cyclos.session_recheck == timedelta(0)


def test_people_sign_in_by_the_kinds_of_names_that_are_set() -> None:
    settings = {"CYCLOS__PRINCIPAL_TYPES": "mobilePhone, email", "CYCLOS__DEFAULT_PRINCIPAL_TYPE": "email"}
    cyclos = load(complete(**settings)).cyclos
    assert (cyclos.name_kinds, cyclos.usual_kind) == ((NameKind.PHONE, NameKind.EMAIL), NameKind.EMAIL)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CYCLOS__PRINCIPAL_TYPES", "username,username"),
        ("CYCLOS__PRINCIPAL_TYPES", ","),
        ("CYCLOS__PRINCIPAL_TYPES", "accountNumber"),
        ("CYCLOS__DEFAULT_PRINCIPAL_TYPE", "mobilePhone"),
        ("CYCLOS__PHONE_ATTRIBUTE", "phone:number"),
        ("CYCLOS__SESSION_RECHECK", "301"),
        ("CYCLOS__SESSION_TIMEOUT", "0"),
        ("CYCLOS__SECONDARY_PASSWORD", "sms"),
    ],
)
def test_what_cyclos_cannot_use_is_the_fault(name: str, value: str) -> None:
    assert the_fault(complete(**{name: value})).startswith(f"GATEWAY_{name}")
