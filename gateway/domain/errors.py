"""Why the gateway says no.

A class is a reason with typed facts. It knows no status and no wire text: the same reason is a 401 in
one document and a 400 in another (`surfaces/<name>/wire_errors.py`). Only a broken password rule is told in words
(decision 0026).

    GatewayError
    ├── CredentialsRefused: AccountLocked, AccountDisabled, IdentityRefused
    ├── CurrentPasswordRefused
    ├── AccountNotReady: AddressNotVerified, PasswordOverdue, ProofMissing
    ├── CaptchaRefused
    ├── NotSignedIn: ApiKeyRefused, SessionOver, AccessClientRefused, SessionNeeded, SignInOrganizationUnknown
    ├── TokenRefused: SignInNotFound, LinkRefused, CodeExpired, ActivationRefused
    │   └── InvitationRefused: InvitationExpired, InvitationUsed, InvitationUnusable, InvitationPending
    ├── RightsRefused: MethodRefused, NameKindRefused, NoOrganization, ChoiceRefused, SignInStepsUnusable,
    │   │       AnothersIdentity, MediumUnusable
    │   └── ProofRefused: ProofBlocked
    ├── AccountNotFound: OrganizationNotFound, AddressVerified, GrantUnknown
    ├── AccountRefused: AddressTaken
    ├── PasswordRefused
    ├── TooManyAttempts: AddressBlocked, EnoughSent
    └── Unavailable: NotAnswered, NotDelivered
"""

from dataclasses import dataclass, field
from typing import Literal

from gateway.domain.proofs import Proof


class GatewayError(Exception):
    """The root of every reason."""


class CredentialsRefused(GatewayError):
    """User name and password do not fit; where a document does not say otherwise nobody is told more."""


@dataclass(eq=False)
class AccountLocked(CredentialsRefused):
    """Too many wrong tries in a row: no further one is evaluated until the lock ends.

    Attributes:
        retry_after: whole seconds until the lock ends.
    """

    retry_after: int


class AccountDisabled(CredentialsRefused):
    """The password is right, but the account is switched off; for documents that tell so to who knows it."""


@dataclass(eq=False)
class IdentityRefused(CredentialsRefused):
    """What an identity provider is said to vouch for does not hold; nobody can guess it, so no guess is counted.

    Attributes:
        trouble: what does not hold, in one word of our own, for the operator's eyes only.
    """

    trouble: str


class CurrentPasswordRefused(GatewayError):
    """The current password is wrong, locked away or not there."""


class AccountNotReady(GatewayError):
    """The password is right, but the account needs an action first (update password, verify e-mail)."""


class AddressNotVerified(AccountNotReady):
    """The password is right, but nobody has shown to receive mail at the account's address."""


class PasswordOverdue(AccountNotReady):
    """The password is right, but Keycloak wants a new one first; for documents that tell so."""


@dataclass(eq=False)
class ProofMissing(AccountNotReady):
    """The password is right, but the person has nothing to give the second proof by that is asked for.

    Attributes:
        by: what it would have to be given by.
    """

    by: Proof


@dataclass(eq=False)
class CaptchaRefused(GatewayError):
    """Nothing shows that a human is asking: no CAPTCHA was solved, or nobody says so; nothing was done or counted.

    Attributes:
        why: no solution came (`missing`), it does not count (`refused`), or the verifier gave no answer that does
            (`unverified`); for the log, never for the wire.
    """

    why: Literal["missing", "refused", "unverified"]


class NotSignedIn(GatewayError):
    """The caller's bearer token is missing, malformed, expired, revoked or of another kind or client."""


class ApiKeyRefused(NotSignedIn):
    """The calling program has not shown one of the keys that all callers of a surface need."""


class SessionOver(NotSignedIn):
    """The session that an opaque token stands for is unknown, ended or over, or another organization's."""


class AccessClientRefused(NotSignedIn):
    """The token of a program that acts for a person is malformed, revoked, or its person may not sign in any more."""


class SessionNeeded(NotSignedIn):
    """A password alone is not enough here: a second proof is asked for, which only a session can have had."""


class SignInOrganizationUnknown(NotSignedIn):
    """There is no organization of that name to be signed in to, or it is switched off."""


class TokenRefused(GatewayError):
    """A token is malformed, expired, revoked, of another kind or of another client."""


class SignInNotFound(TokenRefused):
    """The sign-in under way that a token names is unknown, expired, finished or ended."""


class LinkRefused(TokenRefused):
    """A mailed link is unknown, expired, used, or not for what the account has become meanwhile."""


class InvitationRefused(TokenRefused):
    """An invitation is unknown, revoked or for another address; or there is none, where one is needed."""


class InvitationExpired(InvitationRefused):
    """A genuine invitation comes after its time."""


class InvitationUsed(InvitationRefused):
    """An invitation was used, or another request is using it."""


class InvitationUnusable(InvitationRefused):
    """An invitation is good, but not as things are: what it is to has gone, or the address has no account to let in."""


class InvitationPending(InvitationRefused):
    """The address has an invitation to the organization that is good, so another one is not made."""


class CodeExpired(TokenRefused):
    """A one-time code comes after its time, be it the right one or a wrong one; nothing was counted."""


class ActivationRefused(TokenRefused):
    """A code that would activate an access client is unknown, expired, used, being used, or somebody else's."""


class RightsRefused(GatewayError):
    """The caller is known and may not do this."""


class MethodRefused(RightsRefused):
    """This way to prove oneself does not belong to the step, or to no step of the organization."""


class NameKindRefused(RightsRefused):
    """Nobody signs in by this kind of name."""


class NoOrganization(RightsRefused):
    """The password is right, but the person is a member of no organization, where people sign in to one."""


@dataclass(eq=False)
class ChoiceRefused(RightsRefused):
    """A sign-in under way waits for something that was not given, or something was given that it does not offer.

    Attributes:
        waits_for: what was missing or not on offer.
    """

    waits_for: Literal["organization", "code"]


class SignInStepsUnusable(RightsRefused):
    """The organization's sign-in steps cannot be read, or a step has no method that can be used; nobody gets around."""


class AnothersIdentity(RightsRefused):
    """An external identity is good, but its address or account is not that of whom the sign-in is for."""


class MediumUnusable(RightsRefused):
    """Nothing reaches the person this way: there is no address or number, or nobody who would deliver."""


@dataclass(eq=False)
class ProofRefused(RightsRefused):
    """A further proof that a signed-in person has to give is missing or wrong.

    Attributes:
        by: what it has to be given by.
    """

    by: Proof


class ProofBlocked(ProofRefused):
    """Too many further proofs were wrong: none is evaluated."""


class AccountNotFound(GatewayError):
    """No such account within what the caller may see, nor what else was named."""


class OrganizationNotFound(AccountNotFound):
    """No such organization."""


class AddressVerified(AccountNotFound):
    """The account's address has been verified: there is nobody who has to show anything."""


@dataclass(eq=False)
class GrantUnknown(AccountNotFound):
    """The realm has no such role or group to be given.

    Attributes:
        kind: what was looked for.
    """

    kind: Literal["role", "group"]


@dataclass(eq=False)
class AccountRefused(GatewayError):
    """The realm takes no account with such an address or such names.

    Attributes:
        members: of `NewPerson`, which are not taken; empty where Keycloak does not tell.
    """

    members: tuple[str, ...] = ()


class AddressTaken(AccountRefused):
    """Somebody has an account with the address already."""


@dataclass(eq=False)
class PasswordRefused(GatewayError):
    """The new password breaks the realm's password policy.

    Attributes:
        rule: what the policy asks for, in our words, fit to be shown to the person.
    """

    rule: str


@dataclass(eq=False)
class TooManyAttempts(GatewayError):
    """A limit is reached.

    Attributes:
        retry_after: whole seconds until it is worth trying again.
    """

    retry_after: int


class AddressBlocked(TooManyAttempts):
    """Too many credentials from the caller's network address have failed: none is looked at for a while."""


class EnoughSent(TooManyAttempts):
    """So many codes were sent, asked for or entered wrongly that no further one is sent for a while."""


@dataclass(eq=False)
class Unavailable(GatewayError):
    """A dependency cannot be asked within its time; nothing was counted, and what may be half done is finished later.

    Attributes:
        dependency: what did not answer, such as `keycloak`, `redis`, `mail`, `captcha`, `identity_provider` or
            `deadline`; never for the wire.
        retry_after: whole seconds until it is worth trying again.
    """

    dependency: str
    retry_after: int = 2


class NotAnswered(Unavailable):
    """A third party was asked, and has not answered in time: whether it has done what it was asked for is unknown."""


@dataclass(eq=False)
class NotDelivered(Unavailable):
    """A code could not be handed over to whoever delivers it; there is no code then.

    Attributes:
        trouble: what became of it; of `mail` always `unexpected`.
    """

    trouble: Literal["unreachable", "timeout", "rejected", "unexpected"] = field(kw_only=True)
