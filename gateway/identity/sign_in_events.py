"""What is told of sign-ins, the same whichever way somebody tries to come in (security S49)."""

from collections.abc import Mapping
from contextlib import AbstractContextManager

from gateway.domain.callers import Caller
from gateway.domain.errors import (
    AccountLocked,
    AccountNotFound,
    AccountNotReady,
    CredentialsRefused,
    GatewayError,
    RightsRefused,
)
from gateway.domain.sign_in_methods import SignInMethod
from gateway.domain.tokens import Tokens
from gateway.identity.security_events import NOBODY, SecurityEvents

Reasons = Mapping[type[GatewayError], str]

REASONS: Reasons = {
    CredentialsRefused: "credentials",
    AccountLocked: "locked",
    AccountNotReady: "action_required",
}
"""Those of every way in."""

REASONS_BEFORE: Reasons = {
    AccountLocked: "locked",
    AccountNotFound: "unknown",
    RightsRefused: "not_allowed",
}
"""Those before anything is proven."""


class SignInEvents:
    """Tells how they begin, go on and end."""

    def __init__(self, events: SecurityEvents) -> None:
        self._events = events

    def begun(self, caller: Caller, account: str) -> None:
        """Tell of one that takes several steps."""
        self._events.tell("sign_in_begun", "done", caller, account=account)

    def beginning_refusals(self, caller: Caller, account: str) -> AbstractContextManager[None]:
        """Tell of refusals inside to begin such a one."""
        return self._events.refusals_by(REASONS_BEFORE, "sign_in_begun", caller, account=account)

    def malformed(self, caller: Caller) -> None:
        """Tell of one that nobody can mean."""
        self._events.tell("sign_in", "refused", caller, account=NOBODY, reason="malformed")

    def sign_in_refusals(
        self, caller: Caller, account: str, reasons: Reasons = REASONS
    ) -> AbstractContextManager[None]:
        """Tell of refusals inside that end one."""
        return self._events.refusals_by(reasons, "sign_in", caller, account=account)

    def step_refusals(self, caller: Caller, account: str, reasons: Reasons) -> AbstractContextManager[None]:
        """Tell of refusals inside of a step, which may be tried again."""
        return self._events.refusals_by(reasons, "sign_in_step", caller, account=account)

    def done(self, caller: Caller, account: str, way: str = "") -> None:
        """Tell of one that is complete, and by which way where it is none of a `SignInMethod`."""
        self._events.tell("sign_in", "done", caller, account=account, reason=way)

    def proven(self, method: SignInMethod, progress: object, caller: Caller, account: str) -> None:
        """Tell of a step, by what it leads to: with the tokens the sign-in is complete."""
        is_complete = isinstance(progress, Tokens)
        self._events.tell(
            "sign_in" if is_complete else "sign_in_step", "done", caller, account=account, reason=method.value
        )
