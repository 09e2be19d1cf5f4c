"""Examines all that the gateway depends on, for an operator."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress

from gateway.app.rooms import Rooms, open_rooms
from gateway.domain.errors import Unavailable
from gateway.domain.findings import Finding
from gateway.mail.sender import Sender
from gateway.settings import Settings
from gateway.state.store import State
from gateway.web.metrics import Metrics

EXAMINED = ("keycloak", "redis", "mail", "clock")
_TOLERATED = 5.0
"""Seconds between two clocks (security R16): half of what is tolerated in tokens."""


async def examine(settings: Settings, clock: Callable[[], float] = time.time) -> list[Finding]:  # noqa: TID251 - the clock is handed out from here
    """List what should be mended, each with its remedy.

    Args:
        settings: of the gateway that is examined.
        clock: its clock, seconds since the epoch.

    Raises:
        SettingsError: a template of mails cannot be used.
    """
    async with open_rooms(settings, Metrics()) as rooms:
        return [
            *await _keycloak_findings(rooms, settings),
            *await _redis_findings(rooms.state),
            *await _mail_findings(rooms.sender),
            *_link_findings(rooms.sender, settings),
            *await _clock_findings(rooms, clock),
            *_further_password_findings(rooms, settings),
        ]


async def _keycloak_findings(rooms: Rooms, settings: Settings) -> list[Finding]:
    strict = settings.toan.enabled and settings.toan.org_check == "strict"
    networks = settings.cyclos.enabled and settings.cyclos.networks
    try:
        return await rooms.realm.examine(needs_organizations=strict or networks)
    except Unavailable:
        return [
            Finding(
                "keycloak",
                "fault",
                f"Keycloak does not answer at {settings.keycloak.url}: see that it runs, that its certificate is "
                "believed here, and set GATEWAY_KEYCLOAK__URL",
            )
        ]


async def _redis_findings(state: State) -> list[Finding]:
    try:
        await state.ping()
    except Unavailable:
        return [Finding("redis", "fault", "Redis does not answer: see that it runs, and set GATEWAY_REDIS__URL")]
    try:
        await state.try_out()
    except Unavailable:
        text = (
            "Redis takes nothing: it is full, a replica, or its user lacks what docs/operations.md lists under `Redis`"
        )
        return [Finding("redis", "fault", text)]
    return []


async def _mail_findings(sender: Sender | None) -> list[Finding]:
    if sender is None:
        text = "The gateway has no mail server, so it mails no codes, links and notices: set GATEWAY_MAIL__HOST"
        return [Finding("mail", "warning", text)]
    try:
        await sender.try_out()
    except Unavailable:
        text = (
            "The mail server takes nothing from the gateway: see that it runs and that its certificate is believed "
            "here, and set GATEWAY_MAIL__HOST, __PORT, __SECURITY, __USERNAME and __PASSWORD"
        )
        return [Finding("mail", "fault", text)]
    return []


def _link_findings(sender: Sender | None, settings: Settings) -> Iterator[Finding]:
    links = settings.links
    is_missed = any("{frontend_url}" in page for page in (links.password_reset, links.email_verification))
    if sender is not None and links.frontend_url is None and is_missed:
        text = "Links in mails lead to the gateway's own address, which has no pages: set GATEWAY_LINKS__FRONTEND_URL"
        yield Finding("mail", "warning", text)


async def _clock_findings(rooms: Rooms, clock: Callable[[], float]) -> list[Finding]:
    found: list[Finding] = []
    # Where one cannot be asked, that has been found already.
    with suppress(Unavailable):
        began = clock()
        second = await rooms.realm.clock()
        found += _apart("Keycloak", began - second - 1, clock() - second)
    with suppress(Unavailable):
        began = clock()
        told = await rooms.state.try_out()
        found += _apart("Redis", began - told, clock() - told)
    return found


def _further_password_findings(rooms: Rooms, settings: Settings) -> Iterator[Finding]:
    """Say what is missing for what `cyclos` asks for beside the password, or to confirm something."""
    own = settings.cyclos
    asked = {own.secondary_password, own.confirmation_password} if own.enabled else set()
    if "totp" in asked and not rooms.realm.factors.checks_codes:
        yield Finding(
            "keycloak",
            "fault",
            "Codes of generators cannot be checked, so nobody gets past them: set "
            "GATEWAY_KEYCLOAK__CHECK_OTP_CLIENT_SECRET",
        )
    if "otp" in asked and rooms.sender is None and settings.sms.url is None:
        text = "Codes that `cyclos` asks for reach nobody: set GATEWAY_MAIL__HOST or GATEWAY_SMS__URL"
        yield Finding("mail", "fault", text)


def _apart(name: str, least: float, most: float) -> Iterator[Finding]:
    """Judge a difference that lies between two values, by the smaller one: what took long is no difference."""
    apart = max(least, 0) - max(-most, 0)
    if abs(apart) > _TOLERATED:
        yield Finding(
            "clock",
            "warning",
            f"The clock of {name} is {abs(apart):.0f} s {'behind' if apart > 0 else 'ahead of'} the gateway's: set "
            "both by the same time service (NTP)",
        )
