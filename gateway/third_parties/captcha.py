"""CAPTCHA by the `siteverify` protocol, which Turnstile speaks, and others like it; whatever is unclear is a no."""

from http import HTTPStatus
from typing import Self

import structlog
from pydantic import BaseModel, Field, SecretStr, ValidationError

from gateway.domain.errors import CaptchaRefused, Unavailable
from gateway.outgoing.calls import Received
from gateway.settings import CaptchaSettings
from gateway.third_parties.connection import Connection

_PARTY = "captcha"
_SECRET_REFUSED = frozenset({"missing-input-secret", "invalid-input-secret"})
_IN_TROUBLE = "internal-error"

_log = structlog.get_logger()


class _Verdict(BaseModel, strict=True):
    success: bool
    error_codes: list[str] = Field([], alias="error-codes")


class Captcha:
    """Has solutions verified by whoever has set the CAPTCHA."""

    def __init__(self, connection: Connection, url: str, secret: SecretStr) -> None:
        """Take whom to ask.

        Args:
            connection: to third parties.
            url: of the verifier.
            secret: the site's, sent to the verifier and to nobody else.
        """
        self._connection = connection
        self._url = url
        self._secret = secret

    @classmethod
    def of(cls, connection: Connection, settings: CaptchaSettings) -> Self | None:
        """Make what the settings ask for; None when CAPTCHA is off."""
        return None if settings.secret is None else cls(connection, settings.verify_url, settings.secret)

    async def verify(self, response_token: str, address: str | None) -> None:
        """Demand that a CAPTCHA was solved; a solution counts once.

        Args:
            response_token: what the solver was given for it.
            address: of who sent it; None when it is not known.

        Raises:
            CaptchaRefused: it was not, or the verifier does not say so.
        """
        form = {"secret": self._secret.get_secret_value(), "response": response_token}
        if address is not None:
            form["remoteip"] = address
        try:
            # To be repeated without harm: since a solution counts once, a second question lets nobody in twice.
            answer = await self._connection.request(_PARTY, "POST", self._url, form=form, repeatable=True)
        except Unavailable:
            raise CaptchaRefused("unverified") from None
        _require_success(answer)


def _require_success(answer: Received) -> None:
    try:
        verdict = _Verdict.model_validate_json(answer.body)
    except ValidationError:
        raise _unexpected(answer) from None
    if _SECRET_REFUSED.intersection(verdict.error_codes):
        _log.error("captcha_secret_refused", remedy="set GATEWAY_CAPTCHA__SECRET to the site's secret key")
        raise CaptchaRefused("unverified")
    if answer.status != HTTPStatus.OK or _IN_TROUBLE in verdict.error_codes:
        raise _unexpected(answer)
    if not verdict.success:
        raise CaptchaRefused("refused")


def _unexpected(answer: Received) -> CaptchaRefused:
    # Nothing of the answer itself: it may repeat what was sent.
    _log.error("captcha_answer_unexpected", status=answer.status)
    return CaptchaRefused("unverified")
