"""What is told to visitors of themselves, and of how to sign in (cyclos contract sections 6 and 7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from gateway.domain.accounts import Profile
from gateway.domain.errors import AccessClientRefused, SessionOver
from gateway.domain.visits import NameKind, Visitor
from gateway.keycloak.realm import Realm


class Standing(StrEnum):
    """What a person is to the organization; of several the first counts."""

    ADMINISTRATOR = "administrator"
    BROKER = "broker"
    MEMBER = "member"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class CurrentUser:
    """Who a visitor is.

    Attributes:
        visitor: how it was shown.
        standing: what he is to the organization.
        administers_all: of an administrator, whether nothing is kept from him.
    """

    visitor: Visitor
    profile: Profile
    standing: Standing
    administers_all: bool


@dataclass(frozen=True, slots=True)
class CurrentUserTerms:
    """What an operator has set.

    Attributes:
        standings: the roles of the realm that make each.
        all_administering: those from whose holders nothing is kept.
        kinds: names that people sign in by.
        usual_kind: the one that most do, or None.
        phone_example: of a phone number.
        password_mode: `manual` where people choose their passwords, `generated` where they are made for them.
    """

    standings: Mapping[Standing, frozenset[str]]
    all_administering: frozenset[str]
    kinds: Sequence[NameKind]
    usual_kind: NameKind | None
    phone_example: str
    password_mode: Literal["manual", "generated"]


class CurrentUsers:
    """Asks Keycloak who a visitor is.

    Attributes:
        terms: what an operator has set.
    """

    def __init__(self, realm: Realm, terms: CurrentUserTerms) -> None:
        self._realm = realm
        self.terms = terms

    async def of(self, visitor: Visitor) -> CurrentUser:
        """Say who a visitor is.

        Raises:
            SessionOver: the account has gone meanwhile; or AccessClientRefused, where a program acts for it.
            Unavailable: Keycloak cannot be asked.
        """
        profile = await self._realm.profiles.of(visitor.account_id)
        if profile is None:
            is_program = visitor.access_client is not None and visitor.session is None
            raise AccessClientRefused if is_program else SessionOver
        roles = await self._roles(visitor.account_id)
        standing = next((each for each in Standing if not roles.isdisjoint(self._making(each))), Standing.MEMBER)
        return CurrentUser(visitor, profile, standing, not roles.isdisjoint(self.terms.all_administering))

    async def password_lengths(self) -> tuple[int | None, int | None]:
        """Say how many characters a password has at least and at most; None where that is not said.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        return await self._realm.password_lengths()

    async def _roles(self, account_id: str) -> frozenset[str]:
        if not any(self.terms.standings.values()) and not self.terms.all_administering:
            return frozenset()
        return await self._realm.profiles.roles_of(account_id)

    def _making(self, standing: Standing) -> frozenset[str]:
        return self.terms.standings.get(standing, frozenset())
