"""The same calls without the gateway: what Keycloak and Redis cost whoever asks them with the same libraries.

The figures of `benchmarks.cost` are to be read beside these: where the processor is slow, or busy with Keycloak's
password hashes, both are high. Nothing is checked, counted, logged or timed here.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import aiohttp
from redis.asyncio import from_url
from starlette.applications import Starlette
from starlette.datastructures import State
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.settings import load

_SETTINGS = load().keycloak
_REDIS = load().redis.url.get_secret_value()
_TOKENS = f"{_SETTINGS.url}/realms/{_SETTINGS.realm}/protocol/openid-connect/token"
_USERS = f"{_SETTINGS.url}/admin/realms/{_SETTINGS.realm}/users"
_GOOD_FOR = 60.0
"""Seconds until a token of the service account is renewed, before it is over."""
_SCRIPT = "return redis.call('GET', KEYS[1])"


def _as(client: str) -> dict[str, str]:
    secret = _SETTINGS.admin_client_secret if client == "gateway-admin" else _SETTINGS.client_secret
    assert secret is not None, "the benchmark's clients have secrets"
    return {"client_id": client, "client_secret": secret.get_secret_value()}


async def _login(request: Request) -> Response:
    """Three calls to Keycloak, three to Redis: as many as a login needs."""
    state, body = request.app.state, await request.json()
    query, headers = {"username": body["user"], "exact": "true"}, await _authorized(state)
    async with state.http.get(_USERS, params=query, headers=headers) as answer:
        (user,) = await answer.json()
    async with state.http.get(f"{_USERS}/{user['id']}/credentials", headers=headers) as answer:
        await answer.read()
    await state.redis.execute_command("PTTL", "bare")
    for _ in range(2):
        await state.script(["bare"])
    grant = {"grant_type": "password", "username": body["user"], "password": body["password"], "scope": "openid"}
    return await _passed_on(state.http, {**_as("gateway"), **grant})


async def _refresh(request: Request) -> Response:
    """One call to Keycloak, one to Redis."""
    state, body = request.app.state, await request.json()
    await state.redis.mget("bare", "barer")
    grant = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"]}
    return await _passed_on(state.http, {**_as("gateway"), **grant})


async def _authorized(state: State) -> dict[str, str]:
    """Have a token as the gateway has one: for as long as it is good."""
    if time.monotonic() - state.renewed_at > _GOOD_FOR:
        grant = {"grant_type": "client_credentials", **_as("gateway-admin")}
        async with state.http.post(_TOKENS, data=grant) as answer:
            assert answer.status == HTTPStatus.OK, answer.status
            state.token, state.renewed_at = (await answer.json())["access_token"], time.monotonic()
    return {"Authorization": f"Bearer {state.token}"}


async def _passed_on(http: aiohttp.ClientSession, form: dict[str, str]) -> Response:
    async with http.post(_TOKENS, data=form) as answer:
        return Response(await answer.read(), answer.status, media_type="application/json")


@asynccontextmanager
async def _connected(app: Starlette) -> AsyncIterator[None]:
    async with aiohttp.ClientSession() as http, from_url(_REDIS) as redis:
        app.state.http, app.state.redis, app.state.script = http, redis, redis.register_script(_SCRIPT)
        app.state.renewed_at = -_GOOD_FOR
        yield


app = Starlette(
    routes=[
        Route("/api/iam/login", _login, methods=["POST"]),
        Route("/api/iam/refresh", _refresh, methods=["POST"]),
    ],
    lifespan=_connected,
)
