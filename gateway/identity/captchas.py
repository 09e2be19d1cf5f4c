"""CAPTCHA before whatever a program could do a thousand times: guess passwords, have mails sent."""

from gateway.domain.callers import Caller
from gateway.domain.errors import CaptchaRefused
from gateway.identity.security_events import NOBODY, SecurityEvents
from gateway.third_parties.captcha import Captcha


class Captchas:
    """Asks for solutions; without a verifier for none."""

    def __init__(self, verifier: Captcha | None, events: SecurityEvents) -> None:
        self._verifier = verifier
        self._events = events

    async def require(self, response_token: str | None, caller: Caller) -> None:
        """Demand that the caller has solved a CAPTCHA, before anything else is done for him.

        Args:
            response_token: what he got for it, and sends along; not looked at when CAPTCHA is off.
            caller: who is asking.

        Raises:
            CaptchaRefused: he sends none, it does not count, or nobody can say whether it does.
        """
        if self._verifier is None:
            return
        try:
            await _verified(self._verifier, response_token, caller)
        except CaptchaRefused as refusal:
            # Of nobody: whose account it is about is only what the caller says, and is not looked up.
            self._events.tell(
                "captcha",
                "failed" if refusal.why == "unverified" else "refused",
                caller,
                account=NOBODY,
                reason=refusal.why,
            )
            raise


async def _verified(verifier: Captcha, response_token: str | None, caller: Caller) -> None:
    if not response_token:
        raise CaptchaRefused("missing")
    await verifier.verify(response_token, caller.exact_address)
