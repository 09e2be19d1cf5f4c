"""Internal services, which call with a token of `gateway scoped-token` (pipeshub contract section 11)."""

from gateway.domain.callers import Caller
from gateway.domain.errors import NotSignedIn, RightsRefused
from gateway.identity.scoped_tokens import ScopedToken, ScopedTokens
from gateway.identity.security_events import NOBODY, SecurityEvents

_REASONS = {NotSignedIn: "token", RightsRefused: "scope"}


class Services:
    """Knows them; a token that is refused is told of, that there is none is not."""

    def __init__(self, scoped_tokens: ScopedTokens, events: SecurityEvents) -> None:
        self._scoped_tokens = scoped_tokens
        self._events = events

    def admitted(self, caller: Caller, scope: str) -> ScopedToken:
        """Let a service do one thing.

        Args:
            caller: who is asking.
            scope: what its token must allow.

        Raises:
            NotSignedIn: there is no token, or it is malformed, signed otherwise or expired.
            RightsRefused: it is for something else.
        """
        if not caller.bearer:
            raise NotSignedIn
        with self._events.refusals_by(_REASONS, "bearer", caller, account=NOBODY):
            return self._scoped_tokens.admit(caller.bearer, scope)
