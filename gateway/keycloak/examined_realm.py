"""What of the realm's own settings works against the gateway."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel, TypeAdapter

from gateway.domain.findings import Finding

_FEWEST_FAILURES = 30


class ExaminedRealm(BaseModel):
    """A realm as Keycloak shows it to who may view it."""

    bruteForceProtected: bool  # noqa: N815 - Keycloak's spelling, here and below
    failureFactor: int  # noqa: N815
    quickLoginCheckMilliSeconds: int  # noqa: N815
    revokeRefreshToken: bool  # noqa: N815
    accessTokenLifespan: int  # noqa: N815
    offlineSessionMaxLifespanEnabled: bool  # noqa: N815
    organizationsEnabled: bool = False  # noqa: N815
    directGrantFlow: str  # noqa: N815
    smtpServer: Mapping[str, str] = {}  # noqa: N815


REALM = TypeAdapter(ExaminedRealm)


def realm_findings(realm: ExaminedRealm, *, needs_organizations: bool) -> Iterator[Finding]:
    """Say what should be set otherwise.

    Args:
        realm: as Keycloak shows it.
        needs_organizations: somebody is let in only as a member of one.
    """
    if needs_organizations and not realm.organizationsEnabled:
        yield Finding(
            "keycloak",
            "fault",
            "The realm has no organizations, so nobody may act in one: switch them on (Realm settings → General), or "
            "set GATEWAY_TOAN__ORG_CHECK=off",
        )
    if realm.bruteForceProtected and _locks_too_soon(realm):
        yield _warning(
            "Keycloak's brute-force detection locks before the gateway does: switch it off (Realm settings → Security "
            f"defenses), or allow {_FEWEST_FAILURES} failures or more and set `Quick login check` to 0 ms"
        )
    if realm.revokeRefreshToken:
        yield _warning(
            "Two refreshes of one token at a time end the session: switch `Revoke Refresh Token` off (Realm settings → "
            "Tokens)"
        )
    if not realm.offlineSessionMaxLifespanEnabled:
        yield _warning(
            "Offline sessions may be kept alive for ever: switch `Offline Session Max Limited` on (Realm settings → "
            "Sessions)"
        )
    if not realm.smtpServer.get("host"):
        yield _warning(
            "The realm has no mail server, so `toan` mails no links: name one in Keycloak (Realm settings → Email)"
        )


def _locks_too_soon(realm: ExaminedRealm) -> bool:
    return realm.failureFactor < _FEWEST_FAILURES or realm.quickLoginCheckMilliSeconds > 0


def _warning(text: str) -> Finding:
    return Finding("keycloak", "warning", text)
