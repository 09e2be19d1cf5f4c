"""What happened to accounts and why: one log line and one count each (security S49)."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Literal

import structlog
from prometheus_client import Counter

from gateway.domain.callers import NO_SURFACE, Caller
from gateway.domain.errors import GatewayError, IdentityRefused
from gateway.keycloak.endpoints import is_id

Event = Literal[
    "captcha",
    "sign_in",
    "sign_in_begun",
    "sign_in_step",
    "code_asked",
    "code_mail",
    "code_sent",
    "confirmation",
    "access_client",
    "notice_mail",
    "identity_linked",
    "invitation",
    "sign_out",
    "refresh",
    "account_created",
    "account_locked",
    "account_unlocked",
    "account_unmade",
    "address_blocked",
    "address_verified",
    "administration",
    "bearer",
    "password_changed",
    "password_mail",
    "password_set",
    "reset_asked",
    "reset_mail",
    "sessions_ended",
    "verification_mail",
]
Outcome = Literal["done", "refused", "failed"]

NOBODY = "none"
"""How an account is told where there is none, or nobody knows which."""

_log = structlog.get_logger()


def shown(account_id: str | None) -> str:
    """Return how an account that a request names is told: by its id, if it can be one."""
    return account_id if account_id and is_id(account_id) else NOBODY


class SecurityEvents:
    """Tells of security events; accounts by id, unknown names by digest, nobody in a metric's labels."""

    def __init__(self, counter: Counter) -> None:
        """Take where to count.

        Args:
            counter: with the labels event, outcome, reason and surface.
        """
        self._counter = counter

    def tell(
        self,
        event: Event,
        outcome: Outcome,
        caller: Caller | None = None,
        *,
        account: str,
        reason: str = "",
        actor: str | None = None,
    ) -> None:
        """Tell of one event.

        Args:
            event: what happened.
            outcome: how it ended.
            caller: who caused it; None for what happens after an answer.
            account: Keycloak user id, the digest of an unknown name, or `NOBODY`.
            reason: one of a few words of our own, never text from outside.
            actor: Keycloak user id of who did it to the account, when that is somebody else.
        """
        surface = caller.surface if caller else NO_SURFACE
        self._counter.labels(event, outcome, reason, surface).inc()
        write = _log.info if outcome == "done" else _log.warning
        write(
            event,
            outcome=outcome,
            reason=reason or None,
            surface=surface,
            address=caller.address if caller else None,
            account=account,
            actor=actor,
        )

    def refusals(
        self,
        refusal: type[GatewayError],
        event: Event,
        caller: Caller | None,
        *,
        account: str,
        reason: str = "",
        actor: str | None = None,
    ) -> AbstractContextManager[None]:
        """Tell of a refusal inside as of a refused event; it goes on.

        Args:
            refusal: what counts as one.
            event: as in `tell`, and so the rest.
            caller: who caused it; None for an operator.
            account: whom it concerns.
            reason: why.
            actor: who did it.
        """
        return self.refusals_by({refusal: reason}, event, caller, account=account, actor=actor)

    @contextmanager
    def refusals_by(
        self,
        reasons: Mapping[type[GatewayError], str],
        event: Event,
        caller: Caller | None,
        *,
        account: str,
        actor: str | None = None,
    ) -> Iterator[None]:
        """Do as `refusals`, where there are several.

        Args:
            reasons: what counts as a refusal, and why; one without an entry of its own takes its parent's.
            event: as in `tell`, and so the rest.
            caller: who caused it; None for an operator.
            account: whom it concerns.
            actor: who did it.
        """
        try:
            yield
        except tuple(reasons) as refusal:
            self.tell(event, "refused", caller, account=account, reason=_reason(refusal, reasons), actor=actor)
            raise


def _reason(refusal: GatewayError, reasons: Mapping[type[GatewayError], str]) -> str:
    if isinstance(refusal, IdentityRefused):
        return refusal.trouble
    return next(reasons[each] for each in type(refusal).__mro__ if each in reasons)
