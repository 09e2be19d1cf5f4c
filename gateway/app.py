"""Builds every room and hands each what it needs; the only file that knows them all."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import structlog
from starlette.routing import Router as PlainRouter

from gateway.domain.errors import Unavailable
from gateway.domain.sign_in_methods import SignInMethod
from gateway.identity.bearers import Bearers
from gateway.identity.captchas import Captchas
from gateway.identity.deliveries import Deliver, Deliveries
from gateway.identity.forgotten_password import RESET_LINK, ForgottenPassword
from gateway.identity.guesses import Guesses
from gateway.identity.link_reset import LinkReset
from gateway.identity.locks import Locks
from gateway.identity.mailed_codes import CodeTerms, MailedCodes
from gateway.identity.mailer import Mailer
from gateway.identity.new_passwords import EFFECTS, NewPasswords
from gateway.identity.notices import NOTICE, Notices
from gateway.identity.organization_steps import OrganizationSteps
from gateway.identity.ownership import Ownership
from gateway.identity.password_reset import RESET_MAIL, PasswordReset, ResetMailTerms
from gateway.identity.passwords import Passwords
from gateway.identity.people import People
from gateway.identity.proven_steps import ProvenSteps
from gateway.identity.reset_links import ResetLinks
from gateway.identity.rights import Rights
from gateway.identity.scoped_tokens import ScopedTokens
from gateway.identity.security_events import SecurityEvents
from gateway.identity.sessions import Sessions
from gateway.identity.sign_in import SignIn
from gateway.identity.stepwise_sign_in import SignInTerms, StepwiseSignIn
from gateway.identity.use_cases import Identity
from gateway.keycloak.realm import Realm
from gateway.mail.links import Links
from gateway.mail.sender import Sender
from gateway.settings import PipeshubSettings, Settings, SurfaceSettings, ToanSettings
from gateway.state.store import State
from gateway.surfaces.backchannel_logout.operations import surface as backchannel_logout
from gateway.surfaces.pipeshub.operations import PAGES_MAY_READ, PAGES_MAY_SEND
from gateway.surfaces.pipeshub.operations import surface as pipeshub
from gateway.surfaces.pipeshub.wire_errors import envelope
from gateway.surfaces.toan.operations import surface as toan
from gateway.third_parties.captcha import Captcha
from gateway.third_parties.connection import Connection
from gateway.unfinished import Unfinished
from gateway.web import health, openapi
from gateway.web.body import BodyLimits
from gateway.web.client_address import ClientAddresses
from gateway.web.cors import CrossOrigin
from gateway.web.dependencies import Dependency, watch
from gateway.web.fallback import FALLBACK
from gateway.web.hosts import AllowedHosts
from gateway.web.lifecycle import Lifecycle
from gateway.web.management import document_routes, management_app
from gateway.web.metrics import Metrics
from gateway.web.middleware.requests import Requests
from gateway.web.operation import Services
from gateway.web.routing import MountedSurface, Router
from gateway.web.server import Apps
from gateway.web.surface import Surface

SURFACES = (toan, pipeshub, backchannel_logout)

# Seconds for what requests and deliveries left under way, at the end: longer than a call to Keycloak takes.
_PATIENCE = 4.0
_CHECKED_EVERY = 2.0

_log = structlog.get_logger()


class SetupFault(Exception):
    """Keycloak is not set up as the gateway needs it; the text lists every fault with its remedy, one a line."""


@asynccontextmanager
async def create_app(settings: Settings) -> AsyncIterator[Apps]:
    """Build the gateway and keep it running.

    Neither Keycloak nor Redis has to be up (security R14): until they are, answers are 503.

    Raises:
        SetupFault: Keycloak is up, and lacks the realm or one of the clients.
        SettingsError: a template of mails cannot be used.
    """
    metrics = Metrics()
    async with _rooms(settings, metrics) as rooms:
        realm, state, identity = rooms.realm, rooms.state, rooms.identity
        checking = [] if await _is_set_up(realm) else [_tell_setup_faults(realm)]
        lifecycle = Lifecycle(("keycloak", "redis"), follows_outages=settings.server.readiness_follows_outages)
        deliveries = Deliveries(state.outbox, _kinds(identity), rooms.unfinished)
        async with _running(
            deliveries.run(),
            deliveries.measure(metrics.outbox_depth, metrics.outbox_age),
            watch([Dependency("keycloak", realm.ping), Dependency("redis", state.ping)], lifecycle, metrics),
            metrics.watch_loop(),
            *checking,
        ):
            yield _apps(settings, identity, lifecycle, metrics)


def _kinds(identity: Identity) -> dict[str, Deliver]:
    return {
        RESET_MAIL: identity.password_reset.deliver,
        RESET_LINK: identity.forgotten_password.deliver,
        NOTICE: identity.notices.deliver,
        EFFECTS: identity.new_passwords.resume,
    }


@asynccontextmanager
async def use_cases(settings: Settings) -> AsyncIterator[Identity]:
    """Build what an operator's commands use: everything but the HTTP side."""
    async with _rooms(settings, Metrics()) as rooms:
        yield rooms.identity


@dataclass(frozen=True, slots=True)
class _Rooms:
    realm: Realm
    state: State
    identity: Identity
    unfinished: Unfinished


@asynccontextmanager
async def _rooms(settings: Settings, metrics: Metrics) -> AsyncIterator[_Rooms]:
    sender = Sender.open(settings.mail, _now) if settings.mail.host else None
    async with (
        Realm.open(settings.keycloak, time.time) as realm,  # noqa: TID251 - the clock is handed out from here
        State.open(
            settings.redis,
            settings.lockout,
            settings.limits,
            secret_keys=settings.secret_keys,
            deadline=settings.server.deadline,
        ) as state,
        Connection.open() as third_parties,
    ):
        unfinished = Unfinished(_PATIENCE)
        events = SecurityEvents(metrics.events)
        captchas = Captchas(Captcha.of(third_parties, settings.captcha), events)
        identity = _identity(settings, realm, state, sender, events, unfinished, captchas=captchas)
        yield _Rooms(realm, state, identity, unfinished)
        await unfinished.end()


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the clock is handed out from here


async def _is_set_up(realm: Realm) -> bool:
    """Check the realm; False when Keycloak cannot be asked yet."""
    try:
        faults = await realm.check_setup()
    except Unavailable:
        _log.warning("keycloak_unreachable", remedy="the gateway answers 503 until Keycloak can be reached")
        return False
    if faults:
        raise SetupFault("\n".join(faults))
    return True


async def _tell_setup_faults(realm: Realm) -> None:
    """Check the realm as soon as Keycloak can be asked; by then the gateway serves, so faults go to the log."""
    while True:
        await asyncio.sleep(_CHECKED_EVERY)
        with suppress(Unavailable):
            for fault in await realm.check_setup():
                _log.error("setup_fault", fault=fault)
            return


@asynccontextmanager
async def _running(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run endless work beside the block; a fault in it ends the block."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(each) for each in work]
        yield
        for task in tasks:
            task.cancel()


def _identity(  # noqa: PLR0913 - the rooms it is built on
    settings: Settings,
    realm: Realm,
    state: State,
    sender: Sender | None,
    events: SecurityEvents,
    unfinished: Unfinished,
    *,
    captchas: Captchas,
) -> Identity:
    mailer = Mailer(realm, state, sender)
    notices = Notices(state.outbox, mailer, events)
    guesses = Guesses(
        realm, state, events, notices, settings.limits, unfinished, randomness=secrets.SystemRandom().random
    )
    sessions = Sessions(realm, state, events, settings.keycloak.access_token_lifetime)
    new_passwords = NewPasswords(realm, state, sessions, notices)
    steps = OrganizationSteps(realm, settings.sign_in.default_steps, _usable_methods(sender))
    own = settings.pipeshub
    scoped_tokens = ScopedTokens(_scoped_token_keys(own, state), time.time)  # noqa: TID251 - as above
    pages = Links(settings.links, settings.server.public_url)
    links = ResetLinks(state.links, scoped_tokens, pages, own.reset_ttl)
    code_terms = CodeTerms(settings.sign_in.code_lifetime, own.otp_request_limit, own.conceal_unknown_users)
    sign_in_terms = SignInTerms(own.session_ttl, own.conceal_unknown_users)
    ownership = Ownership(realm, state, sessions, events)
    proven_steps = ProvenSteps(realm, state, unfinished)
    return Identity(
        bearers=Bearers(realm, state, events),
        forgotten_password=ForgottenPassword(
            realm, state, links, mailer, events, captchas=captchas, most=own.forgot_request_limit
        ),
        link_reset=LinkReset(realm, links, new_passwords, ownership, steps, events=events, unfinished=unfinished),
        locks=Locks(realm, state.attempts, events),
        mailed_codes=MailedCodes(realm, state, guesses, steps, mailer, events, captchas=captchas, terms=code_terms),
        new_passwords=new_passwords,
        notices=notices,
        organization_steps=steps,
        password_reset=PasswordReset(realm, state, events, _reset_mail_terms(settings.toan)),
        passwords=Passwords(realm, guesses, new_passwords, events, unfinished, captchas=captchas),
        people=People(realm, guesses, sessions, steps, own.admins_group),
        rights=Rights(
            realm,
            events,
            check_organizations=settings.toan.org_check == "strict",
            admins_group=settings.toan.admins_group,
        ),
        scoped_tokens=scoped_tokens,
        sessions=sessions,
        sign_in=SignIn(realm, guesses, events, unfinished),
        stepwise_sign_in=StepwiseSignIn(
            realm,
            state,
            guesses,
            steps,
            proven_steps,
            ownership,
            captchas=captchas,
            events=events,
            terms=sign_in_terms,
        ),
    )


def _usable_methods(sender: Sender | None) -> list[SignInMethod]:
    """Name the methods there is something for; an external one counts from its provider on."""
    return [SignInMethod.PASSWORD] + ([SignInMethod.ONE_TIME_CODE] if sender else [])


def _reset_mail_terms(settings: ToanSettings) -> ResetMailTerms:
    return ResetMailTerms(settings.mail_limit, settings.mail_window, settings.reset_link_lifetime)


def _scoped_token_keys(settings: PipeshubSettings, state: State) -> list[bytes]:
    if settings.scoped_token_secret is not None:
        return [settings.scoped_token_secret.get_secret_value().encode()]
    return state.secrets.keys("scoped-token")


def _apps(settings: Settings, identity: Identity, lifecycle: Lifecycle, metrics: Metrics) -> Apps:
    documents = _documents(settings)
    plain = health.routes(lifecycle, detailed=False)
    if settings.server.public_documents:
        plain += document_routes(documents)
    public = Requests(
        PlainRouter(plain, redirect_slashes=False, default=_surfaces(settings, identity)),
        addresses=ClientAddresses(settings.server.trusted_proxies),
        metrics=metrics,
        lifecycle=lifecycle,
        https=settings.server.is_https,
    )
    return Apps(public, management_app(lifecycle, metrics, documents), lifecycle)


def _surfaces(settings: Settings, identity: Identity) -> Router:
    services = Services(
        identity=identity,
        authenticate=identity.bearers.live,
        body_limits=BodyLimits(settings.server.max_body, settings.server.body_timeout),
        deadline=settings.server.deadline,
    )
    hosts = AllowedHosts(settings.server.public_url, settings.server.allowed_hosts)
    mounted = [
        MountedSurface(
            _speaking(each, settings), _within(each, services, settings), hosts, prefix, _callers(each, settings)
        )
        for each, prefix in _enabled(settings).items()
    ]
    return Router(mounted, MountedSurface(FALLBACK, services, hosts))


def _speaking(surface: Surface, settings: Settings) -> Surface:
    """Have a surface say no in the shape that its settings ask for."""
    if surface is not pipeshub:
        return surface
    return replace(surface, envelope=envelope(settings.pipeshub.error_envelope))


def _within(surface: Surface, services: Services, settings: Settings) -> Services:
    """Let a surface read bodies of its own size."""
    if surface is not pipeshub:
        return services
    limits = BodyLimits(settings.pipeshub.max_body, settings.server.body_timeout)
    return replace(services, body_limits=limits)


def _callers(surface: Surface, settings: Settings) -> CrossOrigin | None:
    """Say which web pages may call a surface."""
    if surface is not pipeshub:
        return None
    return CrossOrigin(settings.pipeshub.cors_origins, PAGES_MAY_SEND, PAGES_MAY_READ)


def _enabled(settings: Settings) -> Mapping[Surface, str]:
    """Return the surfaces to serve, each with its prefix."""
    sections: dict[Surface, SurfaceSettings] = {each: getattr(settings, each.name) for each in SURFACES}
    return {surface: section.prefix for surface, section in sections.items() if section.enabled}


def _documents(settings: Settings) -> dict[str, dict[str, Any]]:
    return {surface.name: openapi.document(surface, prefix) for surface, prefix in _enabled(settings).items()}
