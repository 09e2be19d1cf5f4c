"""The wire shapes that answers of the Cyclos AuthApi are made of (contract sections 6 to 8).

What is not there is left out, never null; so every member can be left out by `fields` as well.
"""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from gateway.domain.proofs import Medium
from gateway.surfaces.cyclos.fields import Selection
from gateway.web.outputs import Optional


class Answer(BaseModel):
    """An answer of which callers may want parts only: it is read again from what they want, so in its own spelling."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, validate_by_alias=True)

    def selected(self, selection: Selection) -> Self:
        """Leave out what is not wanted."""
        return self.model_validate(selection.of(self.model_dump(mode="json", by_alias=True)), by_name=False)


class Entity(Answer):
    """Something that has a name."""

    id: Optional[str] = None
    name: Optional[str] = None
    internal_name: Optional[str] = None


class UserRef(Answer):
    """The person."""

    id: Optional[str] = None
    display: Optional[str] = None
    short_display: Optional[str] = None


class PasswordType(Entity):
    """A kind of password."""

    # `global` is a word of the language.
    is_global: Optional[bool] = Field(None, alias="global")
    mode: Optional[str] = None


class PrincipalTypeInput(Entity):
    """A kind of name, and how it is typed."""

    kind: Optional[str] = None
    example: Optional[str] = None


class PasswordInput(Entity):
    """A password that can be typed; members for a person are left out where nobody is known yet."""

    input_method: Optional[str] = None
    mode: Optional[str] = None
    has_active_password: Optional[bool] = None
    confirmation_password_once_per_session: Optional[bool] = None
    min_length: Optional[int] = None
    max_length: Optional[int] = None
    otp_send_mediums: Optional[list[Medium]] = None


class UsersPermissions(Answer):
    """Of other people; nothing of it is offered here."""

    search: Optional[bool] = None
    view_profile: Optional[bool] = None
    map: Optional[bool] = None


class MyProfilePermissions(Answer):
    """Of one's own profile; the same."""

    edit_profile: Optional[bool] = None


class PasswordsPermissions(Answer):
    """Of passwords; the same."""

    manage: Optional[bool] = None
    passwords: Optional[list[str]] = None


class EnabledPermissions(Answer):
    """Of something that is on or off; the same."""

    enable: Optional[bool] = None


class Permissions(Answer):
    """What the person may do with the rest of the system, of which there is nothing here."""

    users: Optional[UsersPermissions] = None
    my_profile: Optional[MyProfilePermissions] = None
    passwords: Optional[PasswordsPermissions] = None
    contacts: Optional[EnabledPermissions] = None
    notifications: Optional[EnabledPermissions] = None


class Configuration(Answer):
    """Which configuration the person is under; there is one."""

    id: Optional[str] = None
    version: Optional[int] = None
