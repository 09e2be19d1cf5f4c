"""Builds what is done for accounts: how people come to have one, invited or not, and what they are told of it."""

from gateway.app.use_cases.ground import Ground, Shared
from gateway.identity.bearers import Bearers
from gateway.identity.email_verification import EmailVerification, VerificationTerms
from gateway.identity.invitations import Invitations, InvitationTerms
from gateway.identity.invited_people import InvitedPeople, InvitedTerms
from gateway.identity.inviting_services import InvitingServices
from gateway.identity.locks import Locks
from gateway.identity.people import People
from gateway.identity.sign_up import SignUp
from gateway.identity.use_cases import AccountCases, SignInCases, TokenCases
from gateway.identity.ways_in import OfferedWays
from gateway.identity.whole_accounts import WholeAccounts


def account_cases(ground: Ground, shared: Shared, tokens: TokenCases, sign_ins: SignInCases) -> AccountCases:
    """Build the subject."""
    realm, state, events = ground.realm, ground.state, ground.events
    whole_accounts = WholeAccounts(realm, state, events, ground.unfinished, ground.clock)
    invitations = _invitations(ground)
    return AccountCases(
        email_verification=_email_verification(ground, shared),
        invitations=invitations,
        invited_people=_invited_people(ground, shared, whole_accounts, tokens.bearers, sign_ins.ways_in),
        inviting_services=_inviting_services(ground, shared, whole_accounts, invitations),
        locks=Locks(realm, state.attempts, events),
        new_members=shared.new_members,
        notices=shared.notices,
        people=People(realm, shared.guesses, shared.sessions, shared.steps, ground.settings.organizations.admins_group),
        sign_up=SignUp(state, shared.admissions, whole_accounts, events),
        whole_accounts=whole_accounts,
    )


def _email_verification(ground: Ground, shared: Shared) -> EmailVerification:
    own = ground.settings.nap
    terms = VerificationTerms(own.mail_limit, own.mail_window, own.verification_lifetime)
    return EmailVerification(
        ground.realm, ground.state, ground.mailer, ground.pages, shared.ownership, events=ground.events, terms=terms
    )


def _invitations(ground: Ground) -> Invitations:
    own = ground.settings.kestra
    terms = InvitationTerms(own.invitation_ttl, own.invitation_url)
    return Invitations(ground.realm, ground.state, ground.mailer, ground.pages, events=ground.events, terms=terms)


def _invited_people(
    ground: Ground, shared: Shared, accounts: WholeAccounts, bearers: Bearers, ways: OfferedWays
) -> InvitedPeople:
    return InvitedPeople(
        ground.realm,
        ground.state,
        shared.admissions,
        accounts,
        bearers,
        events=ground.events,
        terms=InvitedTerms(ways.password, ground.settings.kestra.accept_requires_login),
    )


def _inviting_services(
    ground: Ground, shared: Shared, accounts: WholeAccounts, invitations: Invitations
) -> InvitingServices:
    return InvitingServices(
        ground.realm,
        ground.state,
        ground.mailer,
        invitations,
        shared.admissions,
        accounts,
        events=ground.events,
        no_organization=ground.settings.kestra.default_tenant,
    )
