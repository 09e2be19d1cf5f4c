"""What of the realm's own settings works against the gateway."""

from collections.abc import Iterator, Mapping

from pydantic import Field, TypeAdapter

from gateway.domain.findings import Finding
from gateway.keycloak.written import Written

_FEWEST_FAILURES = 30


class ExaminedRealm(Written):
    """A realm as Keycloak shows it to who may view it."""

    brute_force_protected: bool
    failure_factor: int
    quick_login_check_milli_seconds: int
    revoke_refresh_token: bool
    access_token_lifespan: int
    offline_session_max_lifespan_enabled: bool
    organizations_enabled: bool = False
    direct_grant_flow: str
    smtp_server: Mapping[str, str] = Field({})


REALM = TypeAdapter(ExaminedRealm)


def realm_findings(realm: ExaminedRealm, *, needs_organizations: bool) -> Iterator[Finding]:
    """Say what should be set otherwise.

    Args:
        realm: as Keycloak shows it.
        needs_organizations: somebody is let in only as a member of one.
    """
    if needs_organizations and not realm.organizations_enabled:
        yield Finding(
            "keycloak",
            "fault",
            "The realm has no organizations, so nobody may act in one: switch them on (Realm settings → General), or "
            "set GATEWAY_TOAN__ORG_CHECK=off",
        )
    if realm.brute_force_protected and _locks_too_soon(realm):
        yield _warning(
            "Keycloak's brute-force detection locks before the gateway does: switch it off (Realm settings → Security "
            f"defenses), or allow {_FEWEST_FAILURES} failures or more and set `Quick login check` to 0 ms"
        )
    if realm.revoke_refresh_token:
        yield _warning(
            "Two refreshes of one token at a time end the session: switch `Revoke Refresh Token` off (Realm settings → "
            "Tokens)"
        )
    if not realm.offline_session_max_lifespan_enabled:
        yield _warning(
            "Offline sessions may be kept alive for ever: switch `Offline Session Max Limited` on (Realm settings → "
            "Sessions)"
        )
    if not realm.smtp_server.get("host"):
        yield _warning(
            "The realm has no mail server, so `toan` mails no links: name one in Keycloak (Realm settings → Email)"
        )


def _locks_too_soon(realm: ExaminedRealm) -> bool:
    return realm.failure_factor < _FEWEST_FAILURES or realm.quick_login_check_milli_seconds > 0


def _warning(text: str) -> Finding:
    return Finding("keycloak", "warning", text)
