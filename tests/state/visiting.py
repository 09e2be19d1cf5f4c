"""Sessions of visitors, begun and used."""

from dataclasses import replace
from datetime import timedelta

from gateway.domain.access_clients import AccessClient
from gateway.domain.visits import NameKind, OpaqueSession, Principal
from gateway.state.opaque_sessions import FoundSession, OpaqueSessions
from tests.state.opening import HOUR

MINUTES = timedelta(minutes=10)
MOMENT = timedelta(milliseconds=60)
ALWAYS = timedelta(0)
ANN = OpaqueSession(
    "id-of-ann", Principal(NameKind.EMAIL, "Ånn@example.org"), None, None, "the-sid", "the-refresh-token", 1_700_000_000
)
BY_PROGRAM = replace(
    ANN, principal=None, access_client=AccessClient("an-id", "a till", ANN.account_id), organization_id="acme"
)
PENDING = replace(ANN, session_id="", refresh_token="")


async def begun(sessions: OpaqueSessions, session: OpaqueSession = ANN, lasting: timedelta = HOUR) -> str:
    """Begin one."""
    return await sessions.begin(session, lasting, pending_for=MINUTES)


async def used(sessions: OpaqueSessions, token: str, word_counts: timedelta = HOUR) -> FoundSession:
    """Use one that is there."""
    found = await sessions.use(token, word_counts)
    assert found is not None
    return found
