"""People's sessions in Keycloak, ordinary and offline."""

import asyncio
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import chain

from pydantic import BaseModel, Field, TypeAdapter

from gateway.keycloak.admin import Admin
from gateway.keycloak.connection import Terms
from gateway.keycloak.endpoints import is_id, is_session_id
from gateway.keycloak.written import Written

# Keycloak lists sessions without pages, some 330 bytes each; a program that signs in every minute has thousands.
_LISTING = Terms(largest=1 << 24)


@dataclass(frozen=True, slots=True)
class Session:
    """One session.

    Attributes:
        id: Keycloak session id.
        offline: whether it is an offline session, which survives the ordinary ones.
        began_at: milliseconds since the epoch, by Keycloak's clock and in its whole seconds.
        is_standing: whether it is that of an access client, which no new password ends (cyclos contract section 9).
    """

    id: str
    offline: bool
    began_at: int = field(default=0, compare=False)
    is_standing: bool = field(default=False, compare=False)


class _Session(BaseModel):
    id: str
    start: int = 0
    clients: dict[str, str] = {}


class _Grant(BaseModel):
    client: str = ""


class _Consent(Written):
    additional_grants: list[_Grant] = Field([])


_SESSIONS = TypeAdapter(list[_Session])
_CONSENTS = TypeAdapter(list[_Consent])


class Sessions:
    """The realm's sessions."""

    def __init__(self, admin: Admin, standing_client: str) -> None:
        """Take what they are found by.

        Args:
            admin: the admin API.
            standing_client: id of the client whose offline sessions are those of access clients.
        """
        self._admin = admin
        self._standing_client = standing_client

    async def of(self, account_id: str) -> list[Session]:
        """List all sessions of an account, ordinary and offline, of whatever client; none for an unknown account.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if not is_id(account_id):
            return []
        ordinary, clients = await asyncio.gather(
            self._listed(account_id, "sessions"), self._clients_with_offline_sessions(account_id)
        )
        offline = await asyncio.gather(*(self._listed(account_id, "offline-sessions", each) for each in clients))
        return [Session(each.id, offline=False, began_at=each.start) for each in ordinary] + [
            Session(each.id, offline=True, began_at=each.start, is_standing=self._is_standing(each))
            for each in {session.id: session for session in chain.from_iterable(offline)}.values()
        ]

    async def end(self, session: Session) -> None:
        """End a session; one already gone is fine.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if not is_session_id(session.id):
            return
        params = {"isOffline": "true"} if session.offline else None
        answer = await self._admin.delete("sessions", session.id, params=params)
        answer.require("end of a session", HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND)

    def _is_standing(self, offline: _Session) -> bool:
        return set(offline.clients.values()) == {self._standing_client}

    async def _listed(self, account_id: str, *kind: str) -> list[_Session]:
        answer = await self._admin.get("users", account_id, *kind, terms=_LISTING)
        if answer.is_missing:
            return []
        return answer.read("list of sessions", _SESSIONS)

    async def _clients_with_offline_sessions(self, account_id: str) -> list[str]:
        """Name the clients: consents tell them to a service account that may not view clients."""
        answer = await self._admin.get("users", account_id, "consents")
        if answer.is_missing:
            return []
        consents = answer.read("list of consents", _CONSENTS)
        grants = (grant.client for consent in consents for grant in consent.additional_grants)
        return [client for client in dict.fromkeys(grants) if is_id(client)]
