"""A section for each surface; a setting of a contract is `GATEWAY_<SURFACE>__<NAME>` (design section 9)."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from gateway.settings.values import Seconds, Section


class SurfaceSettings(Section):
    """What every surface has."""

    enabled: bool = Field(default=True, description="serve this surface")
    prefix: str = Field(
        "",
        # No segment begins with a dot: clients resolve `/..` away before they ask.
        pattern=r"^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*$",
        max_length=255,
        description="path put before the document's own paths, such as `/identity`",
    )


class ToanSettings(SurfaceSettings):
    """The ToanFndtn IAM surface."""

    org_check: Literal["strict", "off"] = Field(
        "strict", description="`off` for realms without organizations: `x-org` is demanded but not looked up"
    )
    admins_group: str = Field(
        "admins", min_length=1, max_length=255, description="organization group whose members administer it"
    )
    mail_limit: int = Field(3, ge=1, le=1000, description="reset mails asked for one user name within the window")
    mail_window: Seconds = Field(timedelta(minutes=15), ge=timedelta(seconds=1), description="that window")
    reset_link_lifetime: Seconds = Field(
        timedelta(hours=1), ge=timedelta(seconds=1), description="how long Keycloak's reset link works"
    )


class BackchannelLogoutSettings(SurfaceSettings):
    """OpenID Connect Back-Channel Logout, by which Keycloak tells of the sessions it has ended."""
