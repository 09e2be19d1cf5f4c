"""A secret of each kind, offered to everything that takes one (security S26)."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import pytest

from gateway.domain.errors import InvitationRefused
from gateway.domain.invitations import Invitation
from gateway.domain.purposes import LinkPurpose
from gateway.domain.visits import NameKind, OpaqueSession, Principal
from gateway.state.browser_sign_ins import BrowserSignIn
from gateway.state.store import State
from gateway.state.subjects import Subject
from tests.state.opening import HOUR
from tests.state.sign_ins import TWO_STEPS

ANN = Subject.account("id-of-ann")
SURFACES = ("nap", "pipeshub")

Issue = Callable[[State], Awaitable[str]]
Takes = Callable[[State, str], Awaitable[bool]]


def _link(purpose: LinkPurpose) -> tuple[Issue, Takes]:
    async def issue(state: State) -> str:
        return await state.links.issue(purpose, ANN, HOUR)

    async def takes(state: State, secret: str) -> bool:
        return await state.links.claim(purpose, secret) is not None

    return issue, takes


def _sign_in(surface: str) -> tuple[Issue, Takes]:
    async def issue(state: State) -> str:
        return await state.sign_in_sessions.begin(replace(TWO_STEPS, surface=surface), HOUR)

    async def takes(state: State, secret: str) -> bool:
        return await state.sign_in_sessions.get(secret, surface) is not None

    return issue, takes


async def _send_browser(state: State) -> str:
    sent = BrowserSignIn("the-sign-in", "id-of-ann", "the-verifier", "the-nonce", "of the cookie")
    return await state.browser_sign_ins.begin(sent, "pipeshub", HOUR)


async def _takes_browser(state: State, secret: str) -> bool:
    return await state.browser_sign_ins.take(secret, "pipeshub") is not None


async def _invite(state: State) -> str:
    secret, _ = await state.invitations.make(Invitation("ann@example.test", "id-of-acme", "acme"), HOUR)
    return secret


async def _takes_invitation(state: State, secret: str) -> bool:
    try:
        await state.invitations.claim(secret)
    except InvitationRefused:
        return False
    return True


async def _open_session(state: State) -> str:
    principal = Principal(NameKind.EMAIL, "ann@example.test")
    session = OpaqueSession("id-of-ann", principal, None, None, "the-sid", "the-refresh-token", 1_700_000_000)
    return await state.opaque_sessions.begin(session, HOUR, pending_for=HOUR)


async def _takes_session(state: State, secret: str) -> bool:
    return await state.opaque_sessions.use(secret, HOUR) is not None


KINDS: Mapping[str, tuple[Issue, Takes]] = {
    **{f"link to {each}": _link(each) for each in LinkPurpose},
    **{f"sign-in at {each}": _sign_in(each) for each in SURFACES},
    "browser": (_send_browser, _takes_browser),
    "invitation": (_invite, _takes_invitation),
    "opaque session": (_open_session, _takes_session),
}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_secret_is_taken_for_what_it_was_given_out_for_and_for_nothing_else(state: State, kind: str) -> None:
    issue, _ = KINDS[kind]
    secret = await issue(state)
    assert [each for each, (_, takes) in KINDS.items() if await takes(state, secret)] == [kind]
