from datetime import timedelta

import pytest

from gateway.app import SURFACES
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
    toan = load(complete()).toan
    assert (toan.org_check, toan.admins_group) == ("strict", "admins")
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
