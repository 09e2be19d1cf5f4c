"""Builds every room and hands each what it needs; the only file that knows them all."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog
from starlette.routing import Router as PlainRouter

from gateway.domain.errors import Unavailable
from gateway.identity.bearers import Bearers
from gateway.identity.deliveries import Deliveries
from gateway.identity.guesses import Guesses
from gateway.identity.password_reset import RESET_MAIL, PasswordReset
from gateway.identity.passwords import EFFECTS, Passwords
from gateway.identity.rights import Rights
from gateway.identity.security_events import SecurityEvents
from gateway.identity.sessions import Sessions
from gateway.identity.sign_in import SignIn
from gateway.identity.use_cases import Identity
from gateway.keycloak.realm import Realm
from gateway.settings import Settings, SurfaceSettings
from gateway.state.store import State
from gateway.surfaces.backchannel_logout.operations import surface as backchannel_logout
from gateway.surfaces.toan.operations import surface as toan
from gateway.unfinished import Unfinished
from gateway.web import health, openapi
from gateway.web.body import BodyLimits
from gateway.web.client_address import ClientAddresses
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

SURFACES = (toan, backchannel_logout)

# A mail server that hangs must not hold up the rest of the outbox.
_DELIVERIES_AT_ONCE = 4
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
    """
    metrics = Metrics()
    async with (
        Realm.open(settings.keycloak, time.time) as realm,  # noqa: TID251 - the clock is handed out from here
        State.open(
            settings.redis,
            settings.lockout,
            settings.limits,
            secret_keys=settings.secret_keys,
            deadline=settings.server.deadline,
        ) as state,
    ):
        checking = [] if await _is_set_up(realm) else [_tell_setup_faults(realm)]
        unfinished = Unfinished(_PATIENCE)
        identity = _identity(settings, realm, state, metrics, unfinished)
        lifecycle = Lifecycle(("keycloak", "redis"), follows_outages=settings.server.readiness_follows_outages)
        deliveries = Deliveries(
            state.outbox,
            {RESET_MAIL: identity.password_reset.deliver, EFFECTS: identity.passwords.resume},
            unfinished,
        )
        async with _running(
            *(deliveries.run() for _ in range(_DELIVERIES_AT_ONCE)),
            deliveries.measure(metrics.outbox_depth, metrics.outbox_age),
            watch([Dependency("keycloak", realm.ping), Dependency("redis", state.ping)], lifecycle, metrics),
            metrics.watch_loop(),
            *checking,
        ):
            yield _apps(settings, identity, lifecycle, metrics)
        await unfinished.end()


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


def _identity(settings: Settings, realm: Realm, state: State, metrics: Metrics, unfinished: Unfinished) -> Identity:
    events = SecurityEvents(metrics.events)
    guesses = Guesses(realm, state, events, settings.limits, unfinished, secrets.SystemRandom().random)
    sessions = Sessions(realm, state, events, settings.keycloak.access_token_lifetime)
    return Identity(
        bearers=Bearers(realm, state),
        password_reset=PasswordReset(realm, state, events, settings.toan),
        passwords=Passwords(realm, state, guesses, sessions, events, unfinished),
        rights=Rights(
            realm,
            check_organizations=settings.toan.org_check == "strict",
            admins_group=settings.toan.admins_group,
        ),
        sessions=sessions,
        sign_in=SignIn(realm, guesses, events, unfinished),
    )


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
        https=settings.server.public_url.startswith("https:"),
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
    mounted = [MountedSurface(each, services, hosts, prefix) for each, prefix in _enabled(settings).items()]
    return Router(mounted, MountedSurface(FALLBACK, services, hosts))


def _enabled(settings: Settings) -> Mapping[Surface, str]:
    """Return the surfaces to serve, each with its prefix."""
    sections: dict[Surface, SurfaceSettings] = {each: getattr(settings, each.name) for each in SURFACES}
    return {surface: section.prefix for surface, section in sections.items() if section.enabled}


def _documents(settings: Settings) -> dict[str, dict[str, Any]]:
    return {surface.name: openapi.document(surface, prefix) for surface, prefix in _enabled(settings).items()}
