"""Builds the use-cases that so far are kestra's alone, on its terms."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.identity.admissions import Admissions
from gateway.identity.bearers import Bearers
from gateway.identity.code_mails import CodeMails
from gateway.identity.code_requests import CODE_REQUEST, CodeRequests
from gateway.identity.direct_sign_in import DirectSignIn, DirectSignInTerms
from gateway.identity.invitations import Invitations, InvitationTerms
from gateway.identity.invited_people import InvitedPeople, InvitedTerms
from gateway.identity.inviting_services import InvitingServices
from gateway.identity.mail_requests import MailRequests, RequestTerms
from gateway.identity.mailer import Mailer
from gateway.identity.ownership import Ownership
from gateway.identity.proven_steps import ProvenSteps
from gateway.identity.reset_links import ResetLinks, ResetPages
from gateway.identity.reset_mails import ResetMails
from gateway.identity.reset_requests import RESET_REQUEST, ResetRequests
from gateway.identity.security_events import SecurityEvents
from gateway.identity.sign_in import SignIn
from gateway.identity.ways_in import OfferedWays
from gateway.identity.whole_accounts import WholeAccounts
from gateway.keycloak.realm import Realm
from gateway.mail.links import Links
from gateway.settings import Settings
from gateway.state.store import State


@dataclass(frozen=True, slots=True)
class KestraRooms:
    """What they are all built from."""

    realm: Realm
    state: State
    mailer: Mailer
    events: SecurityEvents
    settings: Settings


def offered_ways(rooms: KestraRooms) -> OfferedWays:
    """Build what tells the ways to sign in."""
    steps, codes = rooms.settings.sign_in.default_steps, rooms.settings.kestra.passwordless
    return OfferedWays(rooms.realm, steps, mails=rooms.mailer.is_on, mailed_code=codes)


def reset_requests(rooms: KestraRooms, links: ResetLinks) -> ResetRequests:
    """Build what mails links for new passwords."""
    own = rooms.settings.kestra
    page = rooms.settings.links.model_copy(update={"password_reset": own.reset_url})
    pages = ResetPages(links, Links(page, rooms.settings.server.public_url), own.reset_token_ttl)
    mails = ResetMails(pages, rooms.mailer, rooms.events, pause=own.reset_cooldown)
    terms = RequestTerms(RESET_REQUEST, own.reset_max_requests, own.reset_window)
    requests = MailRequests(rooms.state, rooms.mailer, terms)
    return ResetRequests(rooms.realm, requests, rooms.mailer, mails, rooms.events)


def code_requests(rooms: KestraRooms) -> CodeRequests:
    """Build what mails codes to sign in with."""
    own = rooms.settings.kestra
    terms = RequestTerms(CODE_REQUEST, own.code_max_requests, own.code_window)
    return CodeRequests(
        rooms.realm,
        MailRequests(rooms.state, rooms.mailer, terms),
        rooms.mailer,
        CodeMails(rooms.state, rooms.mailer, rooms.events, own.code_ttl),
        rooms.events,
        pause=own.code_cooldown if offered_ways(rooms).mailed_code else None,
    )


def invitations(rooms: KestraRooms) -> Invitations:
    """Build what makes invitations, for operators as well."""
    own = rooms.settings.kestra
    pages = Links(rooms.settings.links, rooms.settings.server.public_url)
    terms = InvitationTerms(own.invitation_ttl, own.invitation_url)
    return Invitations(rooms.realm, rooms.state, rooms.mailer, pages, events=rooms.events, terms=terms)


def invited_people(
    rooms: KestraRooms, admissions: Admissions, accounts: WholeAccounts, bearers: Bearers, clock: Callable[[], float]
) -> InvitedPeople:
    """Build what lets in who is invited."""
    terms = InvitedTerms(offered_ways(rooms).password, rooms.settings.kestra.accept_requires_login)
    return InvitedPeople(
        rooms.realm, rooms.state, admissions, accounts, bearers, events=rooms.events, terms=terms, clock=clock
    )


def inviting_services(
    rooms: KestraRooms, kept: Invitations, admissions: Admissions, accounts: WholeAccounts
) -> InvitingServices:
    """Build what invites for services."""
    return InvitingServices(
        rooms.realm,
        rooms.state,
        rooms.mailer,
        kept,
        admissions,
        accounts,
        events=rooms.events,
        no_organization=rooms.settings.kestra.default_tenant,
    )


def direct_sign_in(
    rooms: KestraRooms, sign_in: SignIn, proven_steps: ProvenSteps, ownership: Ownership
) -> DirectSignIn:
    """Build the sign-in by a password or a mailed code."""
    ways = offered_ways(rooms)
    terms = DirectSignInTerms(ways.password, ways.mailed_code, rooms.settings.kestra.code_max_attempts)
    return DirectSignIn(rooms.realm, rooms.state, sign_in, proven_steps, ownership, terms)
