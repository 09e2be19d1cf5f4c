"""All sections together."""

from typing import Annotated

from pydantic import Field

from gateway.settings.captcha import CaptchaSettings
from gateway.settings.credentials import SecretKey
from gateway.settings.cyclos import CyclosSettings
from gateway.settings.keycloak import KeycloakSettings
from gateway.settings.mail import LinkSettings, MailSettings
from gateway.settings.sections import (
    LimitSettings,
    LockoutSettings,
    LogSettings,
    OrganizationSettings,
    RedisSettings,
    ServerSettings,
)
from gateway.settings.sign_in import SignInSettings
from gateway.settings.sms import SmsSettings
from gateway.settings.surfaces import (
    BackchannelLogoutSettings,
    KestraSettings,
    NapSettings,
    PipeshubSettings,
    ToanSettings,
)
from gateway.settings.values import Listed, Section


class Settings(Section):
    """Everything an operator can set; a room receives its section, never the whole."""

    secret_keys: Annotated[list[SecretKey], Listed] = Field(
        min_length=1,
        max_length=16,
        description="keys (base64url, 32 bytes or more) that seal and hash what is kept; the first seals, all open",
    )
    keycloak: KeycloakSettings
    redis: RedisSettings
    server: ServerSettings = ServerSettings()
    lockout: LockoutSettings = LockoutSettings()
    limits: LimitSettings = LimitSettings()
    organizations: OrganizationSettings = OrganizationSettings()
    sign_in: SignInSettings = SignInSettings()
    mail: MailSettings = MailSettings()
    links: LinkSettings = LinkSettings()
    captcha: CaptchaSettings = CaptchaSettings()
    sms: SmsSettings = SmsSettings()
    log: LogSettings = LogSettings()
    toan: ToanSettings = ToanSettings()
    pipeshub: PipeshubSettings = PipeshubSettings()
    nap: NapSettings = NapSettings()
    cyclos: CyclosSettings = CyclosSettings()
    kestra: KestraSettings = KestraSettings()
    backchannel_logout: BackchannelLogoutSettings = BackchannelLogoutSettings()
