"""What people are told by mail, as data; the words are in `templates/<locale>/<name of the message>.jinja`."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a mail is for.

    Attributes:
        address: the one stored in Keycloak, never one that was typed (security S16); of who is invited, the one that
            the invitation is for.
        locale: the account's language, such as `de` or `pt-BR`; None when it has none.
    """

    address: str = field(repr=False)
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class SignInCode:
    """A code to sign in with (pipeshub contract section 8).

    Attributes:
        name: the person's, for the greeting.
        code: its digits.
        lifetime: how long it works.
    """

    template: ClassVar[str] = "sign_in_code"
    name: str = field(repr=False)
    code: str = field(repr=False)
    lifetime: timedelta


@dataclass(frozen=True, slots=True)
class ConfirmationCode:
    """A code by which a signed-in person confirms something (cyclos contract section 8).

    Attributes:
        name: the person's, for the greeting.
        code: its digits.
        lifetime: how long it works.
    """

    template: ClassVar[str] = "confirmation_code"
    name: str = field(repr=False)
    code: str = field(repr=False)
    lifetime: timedelta


@dataclass(frozen=True, slots=True)
class GeneratedPassword:
    """A new password that the gateway has made (cyclos contract section 10).

    Attributes:
        name: the person's, for the greeting.
        password: as it was set.
    """

    template: ClassVar[str] = "generated_password"
    name: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PasswordResetLink:
    """A link to a page for a new password (pipeshub contract section 10, cyclos contract section 10).

    Attributes:
        name: the person's, for the greeting.
        link: made by `Pages`.
        lifetime: how long it works.
        username: as Keycloak has it, where the person is reminded of it.
    """

    template: ClassVar[str] = "password_reset_link"
    name: str = field(repr=False)
    link: str = field(repr=False)
    lifetime: timedelta
    username: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class EmailVerificationLink:
    """A link to a page that proves the address (nap contract section 4.6).

    Attributes:
        name: the person's, for the greeting.
        link: made by `Pages`.
        lifetime: how long it works.
    """

    template: ClassVar[str] = "email_verification_link"
    name: str = field(repr=False)
    link: str = field(repr=False)
    lifetime: timedelta


@dataclass(frozen=True, slots=True)
class InvitationLink:
    """A link to a page where an invitation is used (kestra contract section 4).

    Attributes:
        name: always empty: nobody knows who receives mail there.
        link: made by `Pages`.
        organization: what people call it; empty for an invitation to none.
        until: the day on which it ends, such as `2026-12-03`.
    """

    template: ClassVar[str] = "invitation_link"
    name: str = field(repr=False)
    link: str = field(repr=False)
    organization: str
    until: str


@dataclass(frozen=True, slots=True)
class AccountLockedNotice:
    """The account was locked after wrong tries (security S17: no secrets, no links that act)."""

    template: ClassVar[str] = "account_locked_notice"
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PasswordChangedNotice:
    """The password was changed (security S17)."""

    template: ClassVar[str] = "password_changed_notice"
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WaysInChangedNotice:
    """An identity was linked, or what somebody else could sign in with was taken away (security S17, S18)."""

    template: ClassVar[str] = "ways_in_changed_notice"
    name: str = field(repr=False)


Message = (
    SignInCode
    | ConfirmationCode
    | GeneratedPassword
    | PasswordResetLink
    | EmailVerificationLink
    | InvitationLink
    | AccountLockedNotice
    | PasswordChangedNotice
    | WaysInChangedNotice
)

EXAMPLES: tuple[Message, ...] = (
    SignInCode("Ann Example", "012345", timedelta(minutes=10)),
    PasswordResetLink(
        "Ann Example", "https://front.example/reset-password#token=example", timedelta(minutes=20), "ann"
    ),
    EmailVerificationLink("Ann Example", "https://front.example/auth/verify-email?token=example", timedelta(days=1)),
    InvitationLink("", "https://front.example/ui/invitation/example", "Example", "2026-12-03"),
    AccountLockedNotice("Ann Example"),
    PasswordChangedNotice("Ann Example"),
    WaysInChangedNotice("Ann Example"),
    ConfirmationCode("Ann Example", "012345", timedelta(minutes=5)),
    GeneratedPassword("Ann Example", "Example-Passw0rd-of-Ann"),
)
"""One of each, by which templates are tried before they are needed."""
