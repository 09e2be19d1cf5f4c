"""A person's account as the gateway sees it."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.domain.mail_addresses import mail_address

MAX_NAME = 255
"""Longest user name or address that an account can have, characters (security S32)."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account in Keycloak.

    Attributes:
        id: Keycloak user id (UUID).
        username: as Keycloak stores it.
        email: address stored in Keycloak, or None.
        email_verified: somebody has shown to receive mail there; without it, a stranger may have registered it.
    """

    id: str
    username: str
    email: str | None
    enabled: bool
    email_verified: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """What Keycloak knows of the person behind an account.

    Attributes:
        created_at: milliseconds since the epoch.
        locale: the language the person has chosen, as Keycloak has it, or None.
        needs_action: Keycloak wants an action of the person first.
        second_factor: a code generator is enrolled, in Keycloak or in the directory the account comes from.
        attributes: whatever else the realm keeps about the person, by name.
        needs_new_password: that action is, or is among, a new password.
        needs_only_proof: that action is to prove the address, and there is no other.
    """

    account: Account
    first_name: str
    last_name: str
    created_at: int
    locale: str | None
    needs_action: bool
    second_factor: bool
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False, compare=False)
    needs_new_password: bool = False
    needs_only_proof: bool = False

    @property
    def full_name(self) -> str:
        """First and last name; the user name of who has neither."""
        return f"{self.first_name} {self.last_name}".strip() or self.account.username


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who shall have an account.

    Attributes:
        email: normalised; the user name as well.
        password: as the person wants it; None for an account that is signed in to by other means.
        email_verified: the person has shown to receive mail there.
    """

    email: str = field(repr=False)
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    password: str | None = field(repr=False)
    email_verified: bool = False


def normalise_name(typed: str) -> str | None:
    """Bring a typed user name or address into the one spelling that limits and look-ups use.

    Keycloak takes `ann`, `ANN` and `ann ` for the same account, so all of them must meet the same counter
    (security S2). None is returned for a name that no account can have: empty, over 255 characters, or holding
    control, format (zero-width, bidi), surrogate or unassigned characters; and for look-alikes such as the Kelvin
    sign, whose lower case is a letter of ASCII.
    """
    name = typed.strip()
    if not name or len(name) > MAX_NAME or not all(map(_is_allowed, name)):
        return None
    return name.lower()


def normalise_address(typed: str) -> str | None:
    """Bring a typed e-mail address into that spelling; None for what no mail goes to (security S16)."""
    try:
        mail_address(typed)
    except ValueError:
        return None
    return normalise_name(typed)


def _is_allowed(character: str) -> bool:
    if character.isascii():
        return character.isprintable()
    return not unicodedata.category(character).startswith("C") and not any(map(str.isascii, character.lower()))
