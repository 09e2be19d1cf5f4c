"""The gateway as a whole: what it serves, and what it does beside."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from starlette.routing import Router as PlainRouter

from gateway.app import surfaces
from gateway.app.rooms import open_rooms
from gateway.app.setup_check import is_set_up, tell_setup_faults
from gateway.identity.code_requests import CODE_REQUEST
from gateway.identity.deliveries import Deliver, Deliveries
from gateway.identity.forgotten_keys import KEY_REQUEST
from gateway.identity.forgotten_password import RESET_LINK
from gateway.identity.new_members import JOINING
from gateway.identity.new_passwords import EFFECTS, GENERATED_PASSWORD
from gateway.identity.notices import NOTICE
from gateway.identity.password_reset import RESET_MAIL
from gateway.identity.reset_requests import RESET_REQUEST
from gateway.identity.use_cases import Identity
from gateway.identity.whole_accounts import UNMAKING
from gateway.settings import Settings
from gateway.web import health
from gateway.web.client_address import ClientAddresses
from gateway.web.dependencies import Dependency, watch
from gateway.web.lifecycle import Lifecycle
from gateway.web.management import document_routes, management_app
from gateway.web.metrics import Metrics
from gateway.web.middleware.requests import Requests
from gateway.web.server import Apps


@asynccontextmanager
async def create_app(settings: Settings) -> AsyncIterator[Apps]:
    """Build the gateway and keep it running.

    Neither Keycloak nor Redis has to be up (security R14): until they are, answers are 503.

    Raises:
        SetupFault: Keycloak is up, and lacks the realm or one of the clients.
        SettingsError: a template of mails cannot be used.
    """
    metrics = Metrics()
    async with open_rooms(settings, metrics) as rooms:
        realm, state, identity = rooms.realm, rooms.state, rooms.identity
        checking = [] if await is_set_up(realm) else [tell_setup_faults(realm)]
        lifecycle = Lifecycle(("keycloak", "redis"), follows_outages=settings.server.readiness_follows_outages)
        deliveries = Deliveries(state.outbox, _kinds(identity), rooms.unfinished, metrics.outbox_given_up)
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
        RESET_REQUEST: identity.reset_requests.deliver,
        KEY_REQUEST: identity.forgotten_keys.deliver,
        GENERATED_PASSWORD: identity.forgotten_keys.deliver_password,
        CODE_REQUEST: identity.code_requests.deliver,
        NOTICE: identity.notices.deliver,
        EFFECTS: identity.new_passwords.resume,
        JOINING: identity.new_members.resume,
        UNMAKING: identity.whole_accounts.unmake,
    }


@asynccontextmanager
async def _running(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run endless work beside the block; a fault in it ends the block."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(each) for each in work]
        yield
        for task in tasks:
            task.cancel()


def _apps(settings: Settings, identity: Identity, lifecycle: Lifecycle, metrics: Metrics) -> Apps:
    documents = surfaces.documents(settings)
    plain = health.routes(lifecycle, detailed=False)
    if settings.server.public_documents:
        plain += document_routes(documents)
    public = Requests(
        PlainRouter(plain, redirect_slashes=False, default=surfaces.router(settings, identity)),
        addresses=ClientAddresses(settings.server.trusted_proxies),
        metrics=metrics,
        lifecycle=lifecycle,
        https=settings.server.is_https,
    )
    return Apps(public, management_app(lifecycle, metrics, documents), lifecycle)
