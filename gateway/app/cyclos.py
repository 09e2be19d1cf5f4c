"""Builds the use-cases that so far are cyclos's alone, on its terms."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.app.cyclos_proofs import AWAITED_FOR, FurtherProofs
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
    terms = SessionTerms(own.session_timeout, own.session_recheck, AWAITED_FOR)
    return OpaqueSessions(rooms.realm, rooms.state, sessions, rooms.events, terms=terms, clock=clock)


def principals(rooms: CyclosRooms) -> Principals:
    """Build what looks for people."""
    return Principals(rooms.realm, rooms.settings.name_kinds, rooms.settings.phone_attribute)


def visitors(
    rooms: CyclosRooms,
    sessions: OpaqueSessions,
    told: Portraits,
    sign_in: SignIn,
    further: FurtherProofs,
    *,
    proven_steps: ProvenSteps,
) -> Visitors:
    """Build what finds out who is asking."""
    return Visitors(
        rooms.realm,
        sessions,
        NamedPasswords(rooms.realm, rooms.guesses, sign_in, principals(rooms), rooms.events),
        further.access_clients,
        further.second_proofs,
        portraits=told,
        proven_steps=proven_steps,
        second_proof=rooms.settings.second_proof,
    )


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
        standings,
        frozenset(own.system_administrator_roles),
        own.name_kinds,
        own.usual_kind,
        own.phone_example,
        own.password_mode,
    )
    return Portraits(rooms.realm, terms)
