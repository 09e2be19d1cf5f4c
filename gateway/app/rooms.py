"""Opens the rooms that know no HTTP of ours, in one order, and closes them in the other."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.app.use_cases import Outside, identity_of
from gateway.identity.security_events import SecurityEvents
from gateway.identity.use_cases import Identity
from gateway.keycloak.realm import Realm
from gateway.mail.sender import Sender
from gateway.settings import Settings, SignInSettings
from gateway.state.store import State
from gateway.third_parties.captcha import Captcha
from gateway.third_parties.connection import Connection
from gateway.third_parties.identity_providers import IdentityProviders
from gateway.third_parties.sms import Sms
from gateway.unfinished import Unfinished
from gateway.web.metrics import Metrics

_PATIENCE = 4.0
"""Seconds for what requests and deliveries left under way, at the end: longer than a call to Keycloak takes."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """What is open.

    Attributes:
        sender: the mail server; None when there is none.
    """

    realm: Realm
    state: State
    sender: Sender | None
    identity: Identity
    unfinished: Unfinished


@asynccontextmanager
async def open_rooms(settings: Settings, metrics: Metrics) -> AsyncIterator[Rooms]:
    """Open them; neither Keycloak nor Redis has to be up (security R14).

    Raises:
        SettingsError: a template of mails cannot be used.
    """
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
        captcha = Captcha.of(third_parties, settings.captcha)
        providers, sms = _identity_providers(third_parties, settings.sign_in), Sms.of(third_parties, settings.sms)
        outside = Outside(realm, state, sender, captcha, providers, sms)
        identity = identity_of(settings, outside, events, unfinished)
        try:
            yield Rooms(realm, state, sender, identity, unfinished)
        finally:
            await unfinished.end()


def _identity_providers(connection: Connection, settings: SignInSettings) -> IdentityProviders:
    ticks = asyncio.get_running_loop().time
    return IdentityProviders(connection, time.time, ticks, insecure_http=settings.insecure_providers)  # noqa: TID251 - the clock is handed out from here


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the clock is handed out from here


@asynccontextmanager
async def use_cases(settings: Settings) -> AsyncIterator[Identity]:
    """Build what an operator's commands use: everything but the HTTP side."""
    async with open_rooms(settings, Metrics()) as rooms:
        yield rooms.identity
