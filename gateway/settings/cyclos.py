"""The section of the Cyclos surface."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from gateway.domain.proofs import Proof
from gateway.domain.visits import NameKind
from gateway.settings.mail import KeyPage
from gateway.settings.surfaces import SurfaceSettings
from gateway.settings.values import Listed, Seconds, SecondsOrNone

_MOST_ROLES = 64

NameWord = Literal["username", "email", "mobilePhone"]
Roles = Annotated[list[Annotated[str, Field(min_length=1, max_length=255)]], Listed]


class CyclosSettings(SurfaceSettings):
    """The Cyclos AuthApi surface."""

    networks: bool = Field(
        default=False, description="serve `/{alias}/api/auth…` as well, for the members of that organization"
    )
    session_timeout: Seconds = Field(
        timedelta(minutes=30),
        ge=timedelta(seconds=1),
        le=timedelta(days=7),
        description="how long a session lasts without being used; callers may ask for less",
    )
    session_recheck: SecondsOrNone = Field(
        timedelta(seconds=30),
        le=timedelta(minutes=5),
        description="how long a session counts before Keycloak is asked again; 0 asks at every request",
    )
    secondary_password: Literal["none", "otp", "totp"] = Field(
        "none",
        description="what is asked for beside the password: nothing, a code that is sent, or a code of the person's "
        "generator",
    )
    confirmation_password: Literal["none", "password", "otp", "totp"] = Field(
        "none",
        description="what confirms that an access client is disconnected: nothing, the person's password, a code that "
        "is sent, or a code of the person's generator",
    )
    code_ttl: Seconds = Field(
        timedelta(minutes=5), ge=timedelta(seconds=1), le=timedelta(hours=1), description="how long a sent code works"
    )
    forgotten_password: bool = Field(default=True, description="people may ask for a new password by mail")
    password_mode: Literal["manual", "generated"] = Field(
        "manual", description="whether people choose a new password, or get one that is made and mailed"
    )
    forgotten_key_ttl: Seconds = Field(
        timedelta(hours=1), ge=timedelta(seconds=1), le=timedelta(days=1), description="how long a mailed key works"
    )
    forgotten_max_mails: int = Field(3, ge=1, le=1000, description="keys mailed to one person within the window")
    forgotten_window: Seconds = Field(timedelta(minutes=15), ge=timedelta(seconds=1), description="that window")
    forgotten_url: KeyPage = Field(
        "{frontend_url}/forgot-password/{key}",
        description="page for a new password; `{frontend_url}` and `{key}` are filled in",
    )
    principal_types: Annotated[list[NameWord], Listed] = Field(
        ["username", "email"], min_length=1, max_length=len(NameKind), description="what people may sign in by"
    )
    default_principal_type: NameWord | None = Field(
        None, description="which of `principal_types` is told as the usual one; none when not set"
    )
    phone_attribute: str = Field(
        "phoneNumber",
        pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,254}$",
        description="attribute of people that holds their phone number (E.164, such as `+15550100`)",
    )
    phone_example: str = Field(
        "+15550100", min_length=1, max_length=64, description="phone number that is told as an example"
    )
    administrator_roles: Roles = Field(
        [], max_length=_MOST_ROLES, description="roles of the realm whose holders are told as `administrator`"
    )
    system_administrator_roles: Roles = Field(
        [], max_length=_MOST_ROLES, description="those whose holders are system administrators besides"
    )
    broker_roles: Roles = Field([], max_length=_MOST_ROLES, description="those whose holders are told as `broker`")
    member_roles: Roles = Field([], max_length=_MOST_ROLES, description="those whose holders are told as `member`")
    operator_roles: Roles = Field(
        [],
        max_length=_MOST_ROLES,
        description="those whose holders are told as `operator`; who holds none of all these is a `member`",
    )

    @field_validator("principal_types")
    @classmethod
    def _once(cls, kinds: list[NameWord]) -> list[NameWord]:
        if len(set(kinds)) < len(kinds):
            raise ValueError("each may occur once only")
        return kinds

    @field_validator("default_principal_type")
    @classmethod
    def _configured(cls, kind: NameWord | None, info: ValidationInfo) -> NameWord | None:
        if kind is not None and kind not in info.data.get("principal_types", [kind]):
            raise ValueError("is not among GATEWAY_CYCLOS__PRINCIPAL_TYPES")
        return kind

    @property
    def name_kinds(self) -> tuple[NameKind, ...]:
        """What people may sign in by."""
        return tuple(map(NameKind, self.principal_types))

    @property
    def usual_kind(self) -> NameKind | None:
        """What most of them do."""
        return NameKind(self.default_principal_type) if self.default_principal_type else None

    @property
    def second_proof(self) -> Proof | None:
        """What is asked for beside the password."""
        asked = {each.value: each for each in (Proof.OTP, Proof.TOTP)}
        return asked.get(self.secondary_password)

    @property
    def confirmed_by(self) -> Proof | None:
        """What confirms a disconnection; None for nothing."""
        return None if self.confirmation_password == "none" else Proof(self.confirmation_password)  # noqa: S105 - a word, no password
