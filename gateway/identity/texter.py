"""Text messages to the people behind accounts: to the number the realm keeps, in their language."""

from dataclasses import dataclass
from datetime import timedelta

from gateway.domain.accounts import Profile
from gateway.domain.phones import normalise_number
from gateway.domain.purposes import CodePurpose
from gateway.third_parties.sms import Sms
from gateway.third_parties.texts import code_text


@dataclass(frozen=True, slots=True)
class Texter:
    """Without a provider it reaches nobody.

    Attributes:
        sms: the provider; None when there is none.
        phone_attribute: of people, which holds their number.
        service: what messages call the service.
    """

    sms: Sms | None
    phone_attribute: str
    service: str

    def number_of(self, profile: Profile) -> str | None:
        """Return the number that reaches a person, if any does."""
        if self.sms is None:
            return None
        numbers = map(normalise_number, profile.attributes.get(self.phone_attribute, ()))
        return next((each for each in numbers if each), None)

    async def send_code(self, profile: Profile, purpose: CodePurpose, code: str, lifetime: timedelta) -> None:
        """Hand a code over.

        Raises:
            NotDelivered: the provider has not taken it.
        """
        number = self.number_of(profile)
        if self.sms is not None and number is not None:
            text = code_text(purpose, code, lifetime, service=self.service, locale=profile.locale)
            await self.sms.send(number, text)
