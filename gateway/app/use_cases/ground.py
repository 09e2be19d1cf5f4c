"""What use-cases are built from: the rooms, and the use-cases that several subjects share."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from gateway.domain.sign_in_methods import SignInMethod
from gateway.identity.admissions import Admissions
from gateway.identity.captchas import Captchas
from gateway.identity.guesses import Guesses
from gateway.identity.mailer import Mailer
from gateway.identity.new_members import NewMembers
from gateway.identity.notices import Notices
from gateway.identity.organization_steps import OrganizationSteps
from gateway.identity.ownership import Ownership
from gateway.identity.padding import Padding
from gateway.identity.password_proofs import PasswordProofs
from gateway.identity.principals import Principals
from gateway.identity.proven_steps import ProvenSteps
from gateway.identity.reset_links import ResetLinks
from gateway.identity.security_events import SecurityEvents
from gateway.identity.sessions import Sessions
from gateway.identity.sign_in_events import SignInEvents
from gateway.identity.sign_in_providers import SignInProviders
from gateway.identity.single_use_tokens import SingleUseTokens
from gateway.keycloak.realm import Realm
from gateway.mail.pages import Pages
from gateway.mail.sender import Sender
from gateway.settings import Settings
from gateway.state.store import State
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


@dataclass(frozen=True, slots=True)
class Ground:
    """What every subject is built from.

    Attributes:
        events: where use-cases tell what happened.
        unfinished: where they leave what goes on after an answer.
    """

    settings: Settings
    realm: Realm
    state: State
    mailer: Mailer
    pages: Pages
    events: SecurityEvents
    unfinished: Unfinished
    clock: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Shared:
    """The use-cases that several subjects build on."""

    admissions: Admissions
    captchas: Captchas
    guesses: Guesses
    new_members: NewMembers
    notices: Notices
    ownership: Ownership
    password_proofs: PasswordProofs
    principals: Principals
    proven_steps: ProvenSteps
    reset_links: ResetLinks
    sessions: Sessions
    sign_in_events: SignInEvents
    single_use_tokens: SingleUseTokens
    steps: OrganizationSteps


def shared(ground: Ground, captcha: Captcha | None) -> Shared:
    """Build them."""
    realm, state, events, settings = ground.realm, ground.state, ground.events, ground.settings
    notices = Notices(state.outbox, ground.mailer, events)
    admissions = Admissions(
        realm,
        state,
        in_organizations=settings.nap.multitenancy,
        admins_group=settings.organizations.admins_group,
    )
    # Longer than anything may count that was judged before the end.
    remembered_for = max(settings.keycloak.access_token_lifetime, settings.cyclos.session_recheck)
    sessions = Sessions(realm, state, events, remembered_for)
    proven_steps = ProvenSteps(realm, state, ground.unfinished)
    padding = Padding(
        settings.limits.refusal_floor, settings.limits.refusal_jitter, randomness=secrets.SystemRandom().random
    )
    return Shared(
        admissions=admissions,
        captchas=Captchas(captcha, events),
        guesses=Guesses(realm, state, events, notices, padding, ground.unfinished),
        new_members=NewMembers(realm, state, events),
        notices=notices,
        ownership=Ownership(realm, state, sessions, admissions, notices, events),
        password_proofs=PasswordProofs(realm, proven_steps),
        principals=Principals(realm, settings.cyclos.name_kinds, settings.cyclos.phone_attribute),
        proven_steps=proven_steps,
        reset_links=ResetLinks(state.links, realm.credentials),
        sessions=sessions,
        sign_in_events=SignInEvents(events),
        single_use_tokens=SingleUseTokens(state),
        steps=_steps(ground),
    )


def _steps(ground: Ground) -> OrganizationSteps:
    own = ground.settings.sign_in
    providers = SignInProviders(ground.realm, own.provider_aliases, own.creating_methods)
    # Besides the external methods, which have providers in Keycloak.
    usable = [SignInMethod.PASSWORD] + ([SignInMethod.ONE_TIME_CODE] if ground.mailer.is_on else [])
    return OrganizationSteps(ground.realm, providers, own.default_steps, usable)
