"""Text messages, handed over to a provider by HTTP (cyclos contract section 8)."""

from http import HTTPStatus
from typing import Literal, Self

import structlog
from pydantic import SecretStr

from gateway.domain.errors import NotAnswered, NotDelivered, Unavailable
from gateway.outgoing.calls import Received
from gateway.settings import SmsSettings
from gateway.third_parties.connection import Connection

_PARTY = "sms"

_log = structlog.get_logger()


class Sms:
    """Hands messages over; what becomes of them then is the provider's business."""

    def __init__(self, connection: Connection, url: str, secret: SecretStr | None) -> None:
        """Take whom to ask.

        Args:
            connection: to third parties.
            url: where the provider takes messages.
            secret: what shows the provider who is asking; sent to it and to nobody else.
        """
        self._connection = connection
        self._url = url
        self._secret = secret

    @classmethod
    def of(cls, connection: Connection, settings: SmsSettings) -> Self | None:
        """Make what the settings ask for; None where there is no provider."""
        return None if settings.url is None else cls(connection, settings.url, settings.secret)

    async def send(self, number: str, text: str) -> None:
        """Hand a message over, once: whoever gets a code twice cannot tell which one counts.

        Args:
            number: whose, as `normalise_number` has made it.
            text: what it says.

        Raises:
            NotDelivered: the provider was not reached, did not answer in time, or has not taken it.
        """
        message = {"to": number, "text": text}
        secret = self._secret.get_secret_value() if self._secret else None
        try:
            answer = await self._connection.request(_PARTY, "POST", self._url, json_body=message, bearer=secret)
        except NotAnswered:
            raise NotDelivered(_PARTY, trouble="timeout") from None
        except Unavailable:
            raise NotDelivered(_PARTY, trouble="unreachable") from None
        _require_taken(answer)


def _require_taken(answer: Received) -> None:
    family = answer.status // 100
    if family == HTTPStatus.OK // 100:
        return
    # Nothing of the answer itself: it may repeat what was sent.
    _log.error("sms_refused", status=answer.status, remedy="see what GATEWAY_SMS__URL and GATEWAY_SMS__SECRET name")
    trouble: Literal["rejected", "unexpected"] = "rejected" if family == HTTPStatus.BAD_REQUEST // 100 else "unexpected"
    raise NotDelivered(_PARTY, trouble=trouble)
