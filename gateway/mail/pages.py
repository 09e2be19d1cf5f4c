"""The addresses that mails lead to: from settings alone, whatever a request says of its host (security S15)."""

from urllib.parse import quote

from gateway.settings import LinkSettings


class Pages:
    """Makes them.

    Attributes:
        front_end: address of the organization's front end, without a slash at its end.
    """

    def __init__(self, settings: LinkSettings, public_url: str) -> None:
        """Take where they lead.

        Args:
            settings: pages of the organization's front end.
            public_url: address of the gateway, for when there is no front end.
        """
        self.front_end = (settings.frontend_url or public_url).rstrip("/")
        self._password_reset = settings.password_reset
        self._email_verification = settings.email_verification

    def password_reset(self, token: str) -> str:
        """Return the link to the page for a new password.

        Args:
            token: what the page has to send back.
        """
        return self._filled(self._password_reset, token)

    def email_verification(self, token: str) -> str:
        """Return the link to the page that proves an address.

        Args:
            token: what the page has to send back.
        """
        return self._filled(self._email_verification, token)

    def invitation(self, page: str, secret: str) -> str:
        """Return the link to the page of an invitation.

        Args:
            page: which, with places to be filled in.
            secret: what the page has to send back.
        """
        return page.replace("{frontend_url}", self.front_end).replace("{invitation_id}", quote(secret, safe=""))

    def _filled(self, page: str, token: str) -> str:
        return page.replace("{frontend_url}", self.front_end).replace("{token}", quote(token, safe=""))
