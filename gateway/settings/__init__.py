"""Owns what an operator can set: names, types, bounds and meanings; nothing else reads the environment."""

from gateway.settings.captcha import CaptchaSettings
from gateway.settings.credentials import ClientSecret, SecretKey, decode_key
from gateway.settings.cyclos import CyclosSettings
from gateway.settings.description import COLUMNS, Setting, describe, markdown, plain
from gateway.settings.faults import SettingsError
from gateway.settings.keycloak import KeycloakSettings
from gateway.settings.mail import LinkSettings, MailSettings
from gateway.settings.model import Settings
from gateway.settings.reading import load
from gateway.settings.sections import LimitSettings, LockoutSettings, LogSettings, RedisSettings, ServerSettings
from gateway.settings.sign_in import SignInSettings
from gateway.settings.sms import SmsSettings
from gateway.settings.surfaces import (
    BackchannelLogoutSettings,
    KestraSettings,
    NapSettings,
    PipeshubSettings,
    SurfaceSettings,
    ToanSettings,
)
from gateway.settings.values import Seconds, Section, is_loopback

__all__ = [
    "COLUMNS",
    "BackchannelLogoutSettings",
    "CaptchaSettings",
    "ClientSecret",
    "CyclosSettings",
    "KestraSettings",
    "KeycloakSettings",
    "LimitSettings",
    "LinkSettings",
    "LockoutSettings",
    "LogSettings",
    "MailSettings",
    "NapSettings",
    "PipeshubSettings",
    "RedisSettings",
    "Seconds",
    "SecretKey",
    "Section",
    "ServerSettings",
    "Setting",
    "Settings",
    "SettingsError",
    "SignInSettings",
    "SmsSettings",
    "SurfaceSettings",
    "ToanSettings",
    "decode_key",
    "describe",
    "is_loopback",
    "load",
    "markdown",
    "plain",
]
