"""Builds what finds out who comes by a token of ours, by a program's, or by a password each time."""

from datetime import timedelta

from gateway.app.use_cases.ground import Ground, Shared
from gateway.identity.access_client_tokens import AccessClientTokens
from gateway.identity.access_clients import AccessClients
from gateway.identity.activations import Activations
from gateway.identity.current_users import CurrentUsers, CurrentUserTerms, Standing
from gateway.identity.named_passwords import NamedPasswords
from gateway.identity.opaque_sessions import OpaqueSessions, SessionTerms
from gateway.identity.proofs import Proofs
from gateway.identity.second_proofs import SecondProofs
from gateway.identity.sent_codes import SentCodes
from gateway.identity.texter import Texter
from gateway.identity.use_cases import SignInCases, VisitCases
from gateway.identity.visitors import Visitors
from gateway.third_parties.sms import Sms

_AWAITED_FOR = timedelta(minutes=10)
"""How long a second proof is awaited (cyclos contract section 8)."""


def visit_cases(ground: Ground, shared: Shared, sign_ins: SignInCases, sms: Sms | None) -> VisitCases:
    """Build the subject."""
    sessions, codes, current_users = _opaque_sessions(ground, shared), _sent_codes(ground, sms), _current_users(ground)
    proofs = Proofs(ground.realm, shared.guesses, codes)
    clients = _access_clients(ground, shared, proofs)
    second_proofs = _second_proofs(ground, shared, proofs, codes, sessions)
    tokens = AccessClientTokens(ground.state.secrets)
    return VisitCases(
        access_clients=clients,
        activations=Activations(
            ground.realm, ground.state, tokens, shared.proven_steps, ground.events, ground.unfinished
        ),
        opaque_sessions=sessions,
        current_users=current_users,
        second_proofs=second_proofs,
        sent_codes=codes,
        visitors=Visitors(
            ground.realm,
            sessions,
            NamedPasswords(
                ground.realm,
                shared.guesses,
                sign_ins.sign_in,
                shared.password_proofs,
                shared.principals,
                shared.sign_in_events,
            ),
            clients,
            second_proofs,
            current_users=current_users,
            proven_steps=shared.proven_steps,
            second_proof=ground.settings.cyclos.second_proof,
        ),
    )


def _opaque_sessions(ground: Ground, shared: Shared) -> OpaqueSessions:
    own = ground.settings.cyclos
    terms = SessionTerms(own.session_timeout, own.session_recheck, _AWAITED_FOR)
    return OpaqueSessions(ground.realm, ground.state, shared.sessions, ground.events, terms=terms, clock=ground.clock)


def _sent_codes(ground: Ground, sms: Sms | None) -> SentCodes:
    own = ground.settings.cyclos
    texter = Texter(sms, own.phone_attribute, ground.settings.mail.service_name)
    return SentCodes(ground.state, ground.mailer, texter, ground.events, lifetime=own.code_ttl)


def _second_proofs(
    ground: Ground, shared: Shared, proofs: Proofs, codes: SentCodes, sessions: OpaqueSessions
) -> SecondProofs:
    return SecondProofs(
        ground.realm,
        ground.state,
        proofs,
        codes,
        sessions,
        shared.proven_steps,
        events=shared.sign_in_events,
        unfinished=ground.unfinished,
        second=ground.settings.cyclos.second_proof,
        awaited_for=_AWAITED_FOR,
    )


def _access_clients(ground: Ground, shared: Shared, proofs: Proofs) -> AccessClients:
    own = ground.settings.cyclos
    return AccessClients(
        ground.realm,
        ground.state,
        AccessClientTokens(ground.state.secrets),
        proofs,
        ground.events,
        shared.sign_in_events,
        unfinished=ground.unfinished,
        recheck=own.session_recheck,
        confirmation=own.confirmed_by,
    )


def _current_users(ground: Ground) -> CurrentUsers:
    own = ground.settings.cyclos
    standings = {
        Standing.ADMINISTRATOR: frozenset((*own.administrator_roles, *own.system_administrator_roles)),
        Standing.BROKER: frozenset(own.broker_roles),
        Standing.MEMBER: frozenset(own.member_roles),
        Standing.OPERATOR: frozenset(own.operator_roles),
    }
    terms = CurrentUserTerms(
        standings,
        frozenset(own.system_administrator_roles),
        own.name_kinds,
        own.usual_kind,
        own.phone_example,
        own.password_mode,
    )
    return CurrentUsers(ground.realm, terms)
