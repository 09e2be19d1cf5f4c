"""Who delivers text messages."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator

from gateway.settings.values import Section, is_loopback, printable_secret, web_address


class SmsSettings(Section):
    """The provider that takes text messages; without its address none are sent."""

    # Before the address, which is judged by it.
    insecure_http: bool = Field(default=False, description="allow `http://` to a provider that is not on loopback")
    url: str | None = Field(
        None, description='where the provider takes `{"to": "+15550100", "text": "…"}` by POST; with it, SMS is on'
    )
    secret: Annotated[SecretStr, AfterValidator(printable_secret)] | None = Field(
        None, description="sent to the provider as a bearer token"
    )

    @field_validator("url")
    @classmethod
    def _safe(cls, url: str | None, info: ValidationInfo) -> str | None:
        if url is None:
            return None
        address = web_address(url)
        encrypted = address.scheme == "https" or is_loopback(address.hostname or "")
        if not encrypted and not info.data.get("insecure_http", True):
            raise ValueError("codes would travel unencrypted; use https, or set GATEWAY_SMS__INSECURE_HTTP=true")
        return url

    @field_validator("secret")
    @classmethod
    def _of_a_provider(cls, secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if secret is not None and info.data.get("url", ...) is None:
            raise ValueError("set without GATEWAY_SMS__URL")
        return secret
