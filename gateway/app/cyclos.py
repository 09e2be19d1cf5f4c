"""Builds the use-cases that so far are cyclos's alone, on its terms."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from gateway.identity.guesses import Guesses
from gateway.identity.named_passwords import NamedPasswords
from gateway.identity.opaque_sessions import OpaqueSessions, SessionTerms
from gateway.identity.portraits import Portraits, PortraitTerms, Standing
from gateway.identity.principals import Principals
from gateway.identity.proven_steps import ProvenSteps
from gateway.identity.security_events import SecurityEvents
from gateway.identity.sessions import Sessions
from gateway.identity.sign_in import SignIn
from gateway.identity.visitors import Visitors
from gateway.keycloak.realm import Realm
from gateway.settings import CyclosSettings
from gateway.state.store import State

_PENDING_FOR = timedelta(minutes=10)
"""How long a second proof is awaited (cyclos contract section 8)."""


@dataclass(frozen=True, slots=True)
class CyclosRooms:
    """What they are all built from."""

    realm: Realm
    state: State
    guesses: Guesses
    events: SecurityEvents
    settings: CyclosSettings


def opaque_sessions(rooms: CyclosRooms, sessions: Sessions, clock: Callable[[], float]) -> OpaqueSessions:
    """Build what keeps sessions behind opaque tokens."""
    own = rooms.settings
    terms = SessionTerms(own.session_timeout, own.session_recheck, _PENDING_FOR)
    return OpaqueSessions(rooms.realm, rooms.state, sessions, rooms.events, terms=terms, clock=clock)


def visitors(
    rooms: CyclosRooms, sessions: OpaqueSessions, told: Portraits, sign_in: SignIn, proven_steps: ProvenSteps
) -> Visitors:
    """Build what finds out who is asking."""
    own = rooms.settings
    principals = Principals(rooms.realm, own.name_kinds, own.phone_attribute)
    passwords = NamedPasswords(rooms.realm, rooms.guesses, sign_in, principals, rooms.events)
    return Visitors(rooms.realm, sessions, passwords, told, proven_steps, second_proof=own.second_proof)


def portraits(rooms: CyclosRooms) -> Portraits:
    """Build what tells visitors who they are."""
    own = rooms.settings
    standings = {
        Standing.ADMINISTRATOR: frozenset((*own.administrator_roles, *own.system_administrator_roles)),
        Standing.BROKER: frozenset(own.broker_roles),
        Standing.MEMBER: frozenset(own.member_roles),
        Standing.OPERATOR: frozenset(own.operator_roles),
    }
    terms = PortraitTerms(
        standings, frozenset(own.system_administrator_roles), own.name_kinds, own.usual_kind, own.phone_example
    )
    return Portraits(rooms.realm, terms)
