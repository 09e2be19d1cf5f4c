"""Builds the use-cases."""

import secrets
import time
from dataclasses import dataclass

from gateway.app import cyclos, cyclos_proofs, kestra
from gateway.domain.sign_in_methods import SignInMethod
from gateway.identity.account_tokens import AccountTokens
from gateway.identity.admissions import Admissions
from gateway.identity.bearers import Bearers
from gateway.identity.brokered_sign_in import BrokeredSignIn
from gateway.identity.candidates import Candidates
from gateway.identity.captchas import Captchas
from gateway.identity.code_mails import CodeMails
from gateway.identity.email_verification import EmailVerification, VerificationTerms
from gateway.identity.external_identities import ExternalIdentities
from gateway.identity.external_steps import ExternalSteps
from gateway.identity.federation import Federation
from gateway.identity.forgotten_password import ForgottenPassword
from gateway.identity.guesses import Guesses
from gateway.identity.link_reset import LinkReset
from gateway.identity.locks import Locks
from gateway.identity.mailed_codes import MailedCodes
from gateway.identity.mailer import Mailer
from gateway.identity.new_members import NewMembers
from gateway.identity.new_passwords import NewPasswords
from gateway.identity.notices import Notices
from gateway.identity.organization_steps import OrganizationSteps
from gateway.identity.ownership import Ownership
from gateway.identity.password_reset import PasswordReset, ResetMailTerms
from gateway.identity.passwords import Passwords
from gateway.identity.pauses import Pauses
from gateway.identity.pausing_sign_in import PausingSignIn
from gateway.identity.people import People
from gateway.identity.proven_steps import ProvenSteps
from gateway.identity.reset_links import ResetLinks, ResetPages
from gateway.identity.reset_mails import ResetMails
from gateway.identity.rights import Rights
from gateway.identity.scoped_tokens import ScopedTokens
from gateway.identity.security_events import SecurityEvents
from gateway.identity.sessions import Sessions
from gateway.identity.sign_in import SignIn
from gateway.identity.sign_in_accounts import SignInAccounts
from gateway.identity.sign_in_providers import SignInProviders
from gateway.identity.sign_outs import SignOuts
from gateway.identity.sign_up import SignUp
from gateway.identity.single_use_refresh import SingleUseRefresh
from gateway.identity.stepwise_sign_in import StepwiseSignIn
from gateway.identity.use_cases import Identity
from gateway.identity.vouched_accounts import VouchedAccounts
from gateway.identity.whole_accounts import WholeAccounts
from gateway.keycloak.realm import Realm
from gateway.mail.links import Links
from gateway.mail.sender import Sender
from gateway.settings import NapSettings, PipeshubSettings, Settings, ToanSettings
from gateway.state.store import State
from gateway.surfaces.pipeshub.browsers import SAML_CALLBACK
from gateway.third_parties.captcha import Captcha
from gateway.third_parties.identity_providers import IdentityProviders
from gateway.third_parties.sms import Sms
from gateway.unfinished import Unfinished


@dataclass(frozen=True, slots=True)
class Outside:
    """The rooms that speak to somebody outside.

    Attributes:
        sender: the mail server; None when there is none.
        captcha: whoever verifies CAPTCHAs; None when they are off.
        identity_providers: those that the realm trusts.
        sms: whoever delivers text messages; None when there is nobody.
    """

    realm: Realm
    state: State
    sender: Sender | None
    captcha: Captcha | None
    identity_providers: IdentityProviders
    sms: Sms | None


def identity_of(settings: Settings, outside: Outside, events: SecurityEvents, unfinished: Unfinished) -> Identity:
    """Build the use-cases.

    Args:
        settings: of the whole gateway.
        outside: what they speak through.
        events: where they tell what happened.
        unfinished: where they leave what goes on after an answer.
    """
    realm, state, sender = outside.realm, outside.state, outside.sender
    captchas = Captchas(outside.captcha, events)
    mailer = Mailer(realm, state, sender)
    notices = Notices(state.outbox, mailer, events)
    guesses = Guesses(
        realm, state, events, notices, settings.limits, unfinished, randomness=secrets.SystemRandom().random
    )
    sessions = Sessions(realm, state, events, settings.keycloak.access_token_lifetime)
    new_passwords = NewPasswords(realm, state, sessions, notices)
    providers = SignInProviders(realm, settings.sign_in.provider_aliases, settings.sign_in.creating_methods)
    steps = OrganizationSteps(realm, providers, settings.sign_in.default_steps, _usable_methods(sender))
    own = settings.pipeshub
    clock = time.time  # noqa: TID251 - the clock is handed out from here
    scoped_tokens = ScopedTokens(_scoped_token_keys(own, state), clock)
    account_tokens = AccountTokens(realm, scoped_tokens)
    pages = Links(settings.links, settings.server.public_url)
    links = ResetLinks(state.links)
    reset_mails = ResetMails(ResetPages(links, pages, own.reset_ttl, account_tokens), mailer, events)
    code_mails = CodeMails(state, mailer, events, settings.sign_in.code_lifetime)
    admissions = Admissions(realm, state, in_organizations=settings.nap.multitenancy)
    ownership = Ownership(realm, state, sessions, admissions, events)
    proven_steps = ProvenSteps(realm, state, unfinished)
    new_members = NewMembers(realm, state, events)
    accounts = SignInAccounts(realm, conceal_unknown=own.conceal_unknown_users)
    stepwise = StepwiseSignIn(
        realm,
        state,
        guesses,
        steps,
        proven_steps,
        ownership,
        accounts=accounts,
        captchas=captchas,
        events=events,
        lifetime=own.session_ttl,
    )
    pauses = Pauses(state, settings.nap.flow_lifetime)
    sign_in = SignIn(realm, guesses, proven_steps, events)
    rooms = kestra.KestraRooms(realm, state, mailer, events, settings)
    bearers, whole_accounts = Bearers(realm, state, events), WholeAccounts(realm, state, events, unfinished, clock)
    invitations = kestra.invitations(rooms)
    cyclos_rooms = cyclos.CyclosRooms(realm, state, guesses, events, settings.cyclos)
    opaque_sessions = cyclos.opaque_sessions(cyclos_rooms, sessions, clock)
    proof_rooms = cyclos_proofs.ProofRooms(realm, state, guesses, mailer, outside.sms, events, unfinished, settings)
    further = cyclos_proofs.further_proofs(proof_rooms, opaque_sessions, proven_steps)
    link_reset = LinkReset(
        realm, links, scoped_tokens, new_passwords, ownership, steps, events=events, unfinished=unfinished
    )
    portraits = cyclos.portraits(cyclos_rooms)
    return Identity(
        access_clients=further.access_clients,
        account_tokens=account_tokens,
        activations=cyclos_proofs.activations(proof_rooms, proven_steps),
        bearers=bearers,
        brokered_sign_in=BrokeredSignIn(
            realm,
            state,
            guesses,
            stepwise,
            proven_steps,
            accounts=accounts,
            vouched=VouchedAccounts(realm, new_members),
            events=events,
            callback=f"{settings.server.public_url.rstrip('/')}{own.prefix}{SAML_CALLBACK}",
        ),
        code_requests=kestra.code_requests(rooms),
        direct_sign_in=kestra.direct_sign_in(rooms, sign_in, proven_steps, ownership),
        email_verification=EmailVerification(
            realm, state, mailer, pages, ownership, events=events, terms=_verification_terms(settings.nap)
        ),
        external_steps=ExternalSteps(
            accounts,
            guesses,
            ExternalIdentities(outside.identity_providers),
            Federation(realm, ownership, new_members, events),
            proven_steps,
            events,
        ),
        forgotten_password=ForgottenPassword(
            realm, state, mailer, reset_mails, events, captchas=captchas, most=own.forgot_request_limit
        ),
        forgotten_keys=cyclos_proofs.forgotten_keys(proof_rooms, links, link_reset, cyclos.principals(cyclos_rooms)),
        invitations=invitations,
        invited_people=kestra.invited_people(rooms, admissions, whole_accounts, bearers, clock),
        inviting_services=kestra.inviting_services(rooms, invitations, admissions, whole_accounts),
        link_reset=link_reset,
        locks=Locks(realm, state.attempts, events),
        mailed_codes=MailedCodes(
            realm,
            state,
            guesses,
            steps,
            mailer,
            events,
            mails=code_mails,
            accounts=accounts,
            captchas=captchas,
            unfinished=unfinished,
            most=own.otp_request_limit,
        ),
        new_members=new_members,
        new_passwords=new_passwords,
        notices=notices,
        opaque_sessions=opaque_sessions,
        organization_steps=steps,
        password_reset=PasswordReset(realm, state, mailer, events, _reset_mail_terms(settings.toan)),
        passwords=Passwords(realm, guesses, new_passwords, events, unfinished, captchas=captchas),
        pauses=pauses,
        pausing_sign_in=PausingSignIn(
            realm,
            guesses,
            pauses,
            proven_steps,
            Candidates(realm, in_organizations=settings.nap.multitenancy),
            events=events,
        ),
        people=People(realm, guesses, sessions, steps, own.admins_group),
        portraits=portraits,
        reset_requests=kestra.reset_requests(rooms, links),
        rights=Rights(
            realm,
            events,
            check_organizations=settings.toan.org_check == "strict",
            admins_group=settings.toan.admins_group,
        ),
        scoped_tokens=scoped_tokens,
        second_proofs=further.second_proofs,
        sent_codes=further.sent_codes,
        sessions=sessions,
        sign_in=sign_in,
        sign_outs=SignOuts(realm, sessions, events, clock),
        sign_up=SignUp(state, admissions, whole_accounts, events),
        single_use_refresh=SingleUseRefresh(realm, state, sessions, events, clock, grace=settings.nap.refresh_grace),
        stepwise_sign_in=stepwise,
        visitors=cyclos.visitors(cyclos_rooms, opaque_sessions, portraits, sign_in, further, proven_steps=proven_steps),
        ways_in=kestra.offered_ways(rooms),
        whole_accounts=whole_accounts,
    )


def _usable_methods(sender: Sender | None) -> list[SignInMethod]:
    """Name the methods there is something for, besides the external ones, which have providers in Keycloak."""
    return [SignInMethod.PASSWORD] + ([SignInMethod.ONE_TIME_CODE] if sender else [])


def _reset_mail_terms(settings: ToanSettings) -> ResetMailTerms:
    return ResetMailTerms(settings.mail_limit, settings.mail_window, settings.reset_link_lifetime)


def _verification_terms(settings: NapSettings) -> VerificationTerms:
    return VerificationTerms(settings.mail_limit, settings.mail_window, settings.verification_lifetime)


def _scoped_token_keys(settings: PipeshubSettings, state: State) -> list[bytes]:
    if settings.scoped_token_secret is not None:
        return [settings.scoped_token_secret.get_secret_value().encode()]
    return state.secrets.keys("scoped-token")
