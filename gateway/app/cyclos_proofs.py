"""Builds what cyclos asks for beyond a password: further proofs, access clients, keys for who has forgotten it."""

from dataclasses import dataclass
from datetime import timedelta

from gateway.identity.access_client_tokens import AccessClientTokens
from gateway.identity.access_clients import AccessClients
from gateway.identity.activations import Activations
from gateway.identity.forgotten_keys import KEY_REQUEST, ForgottenKeys
from gateway.identity.guesses import Guesses
from gateway.identity.link_reset import LinkReset
from gateway.identity.mail_requests import MailRequests, RequestTerms
from gateway.identity.mailer import Mailer, Most
from gateway.identity.opaque_sessions import OpaqueSessions
from gateway.identity.principals import Principals
from gateway.identity.proofs import Proofs
from gateway.identity.proven_steps import ProvenSteps
from gateway.identity.reset_links import ResetLinks, ResetPages
from gateway.identity.reset_mails import ResetMails
from gateway.identity.reset_requests import ResetRequests
from gateway.identity.second_proofs import SecondProofs
from gateway.identity.security_events import SecurityEvents
from gateway.identity.sent_codes import SentCodes
from gateway.identity.texter import Texter
from gateway.keycloak.realm import Realm
from gateway.mail.links import Links
from gateway.settings import Settings
from gateway.state.store import State
from gateway.third_parties.sms import Sms
from gateway.unfinished import Unfinished

AWAITED_FOR = timedelta(minutes=10)
"""How long a second proof is awaited (cyclos contract section 8)."""
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ProofRooms:
    """What it is all built from.

    Attributes:
        sms: the provider of text messages; None when there is none.
    """

    realm: Realm
    state: State
    guesses: Guesses
    mailer: Mailer
    sms: Sms | None
    events: SecurityEvents
    unfinished: Unfinished
    settings: Settings


@dataclass(frozen=True, slots=True)
class FurtherProofs:
    """What is proven beside a password, or in its place."""

    sent_codes: SentCodes
    second_proofs: SecondProofs
    access_clients: AccessClients


def further_proofs(rooms: ProofRooms, sessions: OpaqueSessions, proven_steps: ProvenSteps) -> FurtherProofs:
    """Build it.

    Args:
        rooms: what it is built from.
        sessions: those that await a second proof.
        proven_steps: end what nobody will get.
    """
    own = rooms.settings.cyclos
    texter = Texter(rooms.sms, own.phone_attribute, rooms.settings.mail.service_name)
    codes = SentCodes(rooms.state, rooms.mailer, texter, rooms.events, lifetime=own.code_ttl)
    proofs = Proofs(rooms.realm, rooms.guesses, codes)
    second = SecondProofs(
        rooms.realm,
        rooms.state,
        proofs,
        codes,
        sessions,
        proven_steps,
        events=rooms.events,
        unfinished=rooms.unfinished,
        second=own.second_proof,
        awaited_for=AWAITED_FOR,
    )
    return FurtherProofs(codes, second, _access_clients(rooms, proofs))


def _access_clients(rooms: ProofRooms, proofs: Proofs) -> AccessClients:
    own = rooms.settings.cyclos
    return AccessClients(
        rooms.realm,
        rooms.state,
        AccessClientTokens(rooms.state.secrets),
        proofs,
        rooms.events,
        rooms.unfinished,
        recheck=own.session_recheck,
        confirmation=own.confirmed_by,
    )


def activations(rooms: ProofRooms, proven_steps: ProvenSteps) -> Activations:
    """Build what makes access clients."""
    tokens = AccessClientTokens(rooms.state.secrets)
    return Activations(rooms.realm, rooms.state, tokens, proven_steps, rooms.events, rooms.unfinished)


def forgotten_keys(
    rooms: ProofRooms, links: ResetLinks, link_reset: LinkReset, principals: Principals
) -> ForgottenKeys:
    """Build what mails keys, and takes them back."""
    own, settings = rooms.settings.cyclos, rooms.settings
    page = settings.links.model_copy(update={"password_reset": own.forgotten_url.replace("{key}", "{token}")})
    pages = ResetPages(links, Links(page, settings.server.public_url), own.forgotten_key_ttl)
    most = Most(own.forgotten_max_mails, own.forgotten_window)
    mails = ResetMails(pages, rooms.mailer, rooms.events, most=most, reminds=True)
    # Of requests there is no limit but that of all mails.
    terms = RequestTerms(KEY_REQUEST, settings.limits.mails_per_address, _HOUR)
    requests = ResetRequests(
        rooms.realm,
        MailRequests(rooms.state, rooms.mailer, terms),
        rooms.mailer,
        mails,
        rooms.events,
        principals.find_forgetful,
    )
    return ForgottenKeys(
        rooms.realm,
        rooms.state.outbox,
        requests,
        links,
        link_reset,
        rooms.mailer,
        events=rooms.events,
        unfinished=rooms.unfinished,
        is_on=own.forgotten_password,
        generates=own.password_mode == "generated",  # noqa: S105 - a word, no password
    )
