"""The CAPTCHA that shows that a human is asking, and who verifies it."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator

from gateway.settings.values import Section, is_loopback, printable_secret, web_address

_FOR_TRIALS = re.compile(r"[0-9]x0+(AA)?")
"""Keys that Cloudflare and hCaptcha publish for trials: what they say does not depend on anybody solving anything."""


class CaptchaSettings(Section):
    """The CAPTCHA that shows that a human is asking; without a secret none is asked for."""

    # Before the address, which is judged by it; the secret is judged by the address.
    insecure_http: bool = Field(default=False, description="allow `http://` to a verifier that is not on loopback")
    verify_url: str = Field(
        "https://challenges.cloudflare.com/turnstile/v0/siteverify",
        description="where solutions are verified: Turnstile's `siteverify`, or one that speaks as it does",
    )
    secret: Annotated[SecretStr, AfterValidator(printable_secret)] | None = Field(
        None, description="secret key of the site at the verifier; with it, CAPTCHA is on"
    )

    @field_validator("verify_url")
    @classmethod
    def _safe(cls, url: str, info: ValidationInfo) -> str:
        address = web_address(url)
        encrypted = address.scheme == "https" or is_loopback(address.hostname or "")
        if not encrypted and not info.data.get("insecure_http", True):
            raise ValueError(
                "the secret would travel unencrypted; use https, or set GATEWAY_CAPTCHA__INSECURE_HTTP=true"
            )
        return url

    @field_validator("secret")
    @classmethod
    def _of_ones_own(cls, secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        url = info.data.get("verify_url")
        if secret is None or url is None or is_loopback(web_address(url).hostname or ""):
            return secret
        if _FOR_TRIALS.fullmatch(secret.get_secret_value()):
            raise ValueError("a published key for trials, which lets programs in as well; use that of your own site")
        return secret
