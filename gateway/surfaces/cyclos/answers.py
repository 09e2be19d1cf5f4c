"""The answers of the Cyclos AuthApi (contract sections 6 and 7)."""

from collections.abc import Sequence

from pydantic import Field

from gateway.domain.access_clients import AccessClient
from gateway.domain.proofs import Medium, Proof
from gateway.domain.visits import NameKind
from gateway.identity.current_users import CurrentUser, CurrentUserTerms, Standing
from gateway.surfaces.cyclos.shapes import (
    Answer,
    Configuration,
    EnabledPermissions,
    Entity,
    MyProfilePermissions,
    PasswordInput,
    PasswordsPermissions,
    PasswordType,
    Permissions,
    PrincipalTypeInput,
    UserRef,
    UsersPermissions,
)
from gateway.web.outputs import Omittable

_NAMES = {
    NameKind.USERNAME: "Login name",
    NameKind.EMAIL: "E-mail",
    NameKind.PHONE: "Mobile phone",
}
ACCESS_CLIENT_TYPE = Entity(id="accessClient", name="Access client", internal_name="accessClient")
_LOGIN = Entity(id="login", name="Password", internal_name="login")
PROOF_TYPES = {
    Proof.PASSWORD: PasswordType(**_LOGIN.model_dump(), is_global=False, mode="manual"),
    Proof.OTP: PasswordType(id="otp", name="One-time password", internal_name="otp", is_global=False, mode="otp"),
    # The document has no word for generators; `script` is what is checked elsewhere.
    Proof.TOTP: PasswordType(id="totp", name="Code generator", internal_name="totp", is_global=False, mode="script"),
}
_NONE_ALLOWED = Permissions(
    users=UsersPermissions(search=False, view_profile=False, map=False),
    my_profile=MyProfilePermissions(edit_profile=False),
    passwords=PasswordsPermissions(manage=False, passwords=[]),
    contacts=EnabledPermissions(enable=False),
    notifications=EnabledPermissions(enable=False),
)


class Auth(Answer):
    """Who is asking; without `user` it is a guest."""

    user: Omittable[UserRef] = None
    is_global: Omittable[bool] = Field(None, alias="global")
    role: Omittable[Standing] = None
    system_administrator: Omittable[bool] = None
    alias_operator: Omittable[bool] = None
    permissions: Omittable[Permissions] = None
    session_token: Omittable[str] = Field(
        None, description="of it only the first half, where a browser keeps the other"
    )
    access_client: Omittable[Entity] = None
    principal_type: Omittable[Entity] = None
    principal: Omittable[str] = Field(None, description="the name that was given")
    password_type: Omittable[PasswordType] = None
    secondary_password_type: Omittable[PasswordType] = None
    expired_password: Omittable[bool] = None
    pending_agreements: Omittable[bool] = None
    expired_secondary_password: Omittable[bool] = None
    pending_secondary_password: Omittable[bool] = None
    configuration: Omittable[Configuration] = None

    @classmethod
    def of_guest(cls, second_proof: Proof | None, terms: CurrentUserTerms) -> "Auth":
        """Say what there is to say to somebody unknown."""
        return cls(
            permissions=_NONE_ALLOWED,
            password_type=PasswordType(**_LOGIN.model_dump(), is_global=False, mode=terms.password_mode),
            secondary_password_type=PROOF_TYPES[second_proof] if second_proof else None,
            configuration=Configuration(id="default", version=1),
        )

    @classmethod
    def of(cls, user: CurrentUser, second_proof: Proof | None, terms: CurrentUserTerms, token: str) -> "Auth":
        """Say who it is.

        Args:
            second_proof: what is asked for beside a password.
            terms: what an operator has set.
            token: as the caller sees it; empty without a session.
        """
        visitor, account = user.visitor, user.profile.account
        is_administrator = user.standing is Standing.ADMINISTRATOR
        known = {
            "user": UserRef(id=account.id, display=user.profile.full_name, short_display=account.username),
            "is_global": False,
            "role": user.standing,
            "system_administrator": user.administers_all if is_administrator else None,
            "alias_operator": False if user.standing is Standing.OPERATOR else None,
            "session_token": token or None,
            "access_client": client_entity(visitor.access_client) if visitor.access_client else None,
            "principal_type": _kind(visitor.principal.kind) if visitor.principal else ACCESS_CLIENT_TYPE,
            "principal": visitor.principal.name if visitor.principal else None,
            "expired_password": False,
            "pending_agreements": False,
            "expired_secondary_password": False,
            "pending_secondary_password": visitor.is_pending,
        }
        return cls.of_guest(second_proof, terms).model_copy(update=known)


class DataForLogin(Answer):
    """What a page has to know that asks people to log in."""

    access_password_type: Omittable[Entity] = None
    principal_types: Omittable[list[PrincipalTypeInput]] = None
    default_principal_type: Omittable[str] = None
    extra_forgot_password_principal_types: Omittable[list[str]] = None
    login_password_input: Omittable[PasswordInput] = None
    forgot_password_mediums: Omittable[list[Medium]] = None

    @classmethod
    def of(
        cls, terms: CurrentUserTerms, lengths: tuple[int | None, int | None], media: Sequence[Medium]
    ) -> "DataForLogin":
        """Tell what is set, how long passwords are, and what carries keys to who has forgotten his."""
        shortest, longest = lengths
        return cls(
            access_password_type=_LOGIN,
            principal_types=_principal_types(terms.kinds, terms.phone_example),
            default_principal_type=terms.usual_kind,
            extra_forgot_password_principal_types=None if NameKind.EMAIL in terms.kinds else [NameKind.EMAIL],
            login_password_input=PasswordInput(
                **_LOGIN.model_dump(),
                input_method="textBox",
                mode=terms.password_mode,
                min_length=shortest,
                max_length=longest,
            ),
            forgot_password_mediums=list(media) or None,
        )


def _kind(kind: NameKind) -> Entity:
    return Entity(id=kind, name=_NAMES[kind], internal_name=kind)


def client_entity(client: AccessClient) -> Entity:
    """Write a program that acts for a person."""
    return Entity(id=client.id, name=client.name, internal_name=client.name)


def _principal_types(kinds: Sequence[NameKind], example: str) -> list[PrincipalTypeInput]:
    return [
        PrincipalTypeInput(**_kind(kind).model_dump(), kind=kind, example=example if kind is NameKind.PHONE else None)
        for kind in kinds
    ]
