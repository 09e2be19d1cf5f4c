"""The wire shapes that answers of the Cyclos AuthApi are made of (contract sections 6 to 8).

What is not there is left out, never null; so every member can be left out by `fields` as well.
"""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from gateway.domain.proofs import Medium
from gateway.surfaces.cyclos.fields import Selection
from gateway.web.outputs import Omittable


class Answer(BaseModel):
    """An answer of which callers may want parts only: it is read again from what they want, so in its own spelling."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, validate_by_alias=True)

    def selected(self, selection: Selection) -> Self:
        """Leave out what is not wanted."""
        return self.model_validate(selection.of(self.model_dump(mode="json", by_alias=True)), by_name=False)


class Entity(Answer):
    """Something that has a name."""

    id: Omittable[str] = None
    name: Omittable[str] = None
    internal_name: Omittable[str] = None


class UserRef(Answer):
    """The person."""

    id: Omittable[str] = None
    display: Omittable[str] = None
    short_display: Omittable[str] = None


class PasswordType(Entity):
    """A kind of password."""

    # `global` is a word of the language.
    is_global: Omittable[bool] = Field(None, alias="global")
    mode: Omittable[str] = None


class PrincipalTypeInput(Entity):
    """A kind of name, and how it is typed."""

    kind: Omittable[str] = None
    example: Omittable[str] = None


class PasswordInput(Entity):
    """A password that can be typed; members for a person are left out where nobody is known yet."""

    input_method: Omittable[str] = None
    mode: Omittable[str] = None
    has_active_password: Omittable[bool] = None
    confirmation_password_once_per_session: Omittable[bool] = None
    min_length: Omittable[int] = None
    max_length: Omittable[int] = None
    otp_send_mediums: Omittable[list[Medium]] = None


class UsersPermissions(Answer):
    """Of other people; nothing of it is offered here."""

    search: Omittable[bool] = None
    view_profile: Omittable[bool] = None
    map: Omittable[bool] = None


class MyProfilePermissions(Answer):
    """Of one's own profile; the same."""

    edit_profile: Omittable[bool] = None


class PasswordsPermissions(Answer):
    """Of passwords; the same."""

    manage: Omittable[bool] = None
    passwords: Omittable[list[str]] = None


class EnabledPermissions(Answer):
    """Of something that is on or off; the same."""

    enable: Omittable[bool] = None


class Permissions(Answer):
    """What the person may do with the rest of the system, of which there is nothing here."""

    users: Omittable[UsersPermissions] = None
    my_profile: Omittable[MyProfilePermissions] = None
    passwords: Omittable[PasswordsPermissions] = None
    contacts: Omittable[EnabledPermissions] = None
    notifications: Omittable[EnabledPermissions] = None


class Configuration(Answer):
    """Which configuration the person is under; there is one."""

    id: Omittable[str] = None
    version: Omittable[int] = None
