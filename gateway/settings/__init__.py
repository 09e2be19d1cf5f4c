"""Owns what an operator can set: names, types, bounds and meanings; nothing else reads the environment."""

from gateway.settings.captcha import CaptchaSettings
from gateway.settings.credentials import decode_key
from gateway.settings.description import COLUMNS, Setting, describe, markdown, plain
from gateway.settings.faults import SettingsError
from gateway.settings.keycloak import KeycloakSettings
from gateway.settings.mail import LinkSettings, MailSettings
from gateway.settings.model import Settings
from gateway.settings.reading import load
from gateway.settings.sections import LimitSettings, LockoutSettings, LogSettings, RedisSettings, ServerSettings
from gateway.settings.sign_in import SignInSettings
from gateway.settings.sms import SmsSettings
from gateway.settings.surfaces import SurfaceSettings
from gateway.settings.values import Seconds, is_loopback

__all__ = [
    "COLUMNS",
    "CaptchaSettings",
    "KeycloakSettings",
    "LimitSettings",
    "LinkSettings",
    "LockoutSettings",
    "LogSettings",
    "MailSettings",
    "RedisSettings",
    "Seconds",
    "ServerSettings",
    "Setting",
    "Settings",
    "SettingsError",
    "SignInSettings",
    "SmsSettings",
    "SurfaceSettings",
    "decode_key",
    "describe",
    "is_loopback",
    "load",
    "markdown",
    "plain",
]
