"""Keycloak's own page for a new password, followed from the mailed link to its end."""

import html
import re
from email.message import EmailMessage
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx

from tests.servers.mailbox import text_of
from tests.surfaces.witness import claims

_LINK = re.compile(r"https?://\S+/login-actions/action-token\S+")
_PROCEED = re.compile(r'href="([^"]*/login-actions/[^"]*)"')
_TICK = re.compile(r'<input[^>]*name="logout-sessions"[^>]*>')
_FORM = re.compile(r'<form[^>]*action="([^"]+)"')


def link_in(mail: EmailMessage) -> str:
    """Find the link that a reset mail is for."""
    text = text_of(mail)
    found = _LINK.search(text)
    assert found, text
    return found[0]


def lifetime_of(link: str) -> int:
    """Read how long a mailed link works, seconds."""
    token = claims(parse_qs(urlsplit(link).query)["key"][0])
    return int(token["exp"]) - int(token["iat"])


class KeycloakPage:
    """One visit; cookies go by hand, since Keycloak marks all of them `Secure` even where it is reached by http."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        self._cookies: dict[str, str] = {}
        self._text = ""
        self._address = ""

    def set_password(self, link: str, password: str, *, sign_out_elsewhere: bool | None = None) -> bool:
        """Follow the link and set the password.

        Args:
            link: as mailed.
            password: the new one.
            sign_out_elsewhere: how to leave that tick; None to leave it as the page has it.

        Returns:
            False if there was no form to set it with: the link does not work (any more).
        """
        self._get(link)
        if not _FORM.search(self._text) and (proceed := _PROCEED.search(self._text)):
            self._get(html.unescape(proceed[1]))
        form = _FORM.search(self._text)
        if form is None or "password-new" not in self._text:
            return False
        fields = {"password-new": password, "password-confirm": password}
        if sign_out_elsewhere if sign_out_elsewhere is not None else self._would_sign_out_elsewhere():
            fields["logout-sessions"] = "on"
        self._visit("POST", html.unescape(form[1]), fields)
        return True

    def _would_sign_out_elsewhere(self) -> bool:
        tick = _TICK.search(self._text)
        assert tick, "the page has no such tick"
        return "checked" in tick[0]

    def _get(self, address: str) -> None:
        self._visit("GET", address)

    def _visit(self, method: str, address: str, form: dict[str, str] | None = None) -> None:
        answer = self._send(method, urljoin(self._address, address), form)
        while answer.is_redirect:
            answer = self._send("GET", urljoin(self._address, answer.headers["location"]))
        self._text = answer.text

    def _send(self, method: str, address: str, form: dict[str, str] | None = None) -> httpx.Response:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        answer = self._http.request(method, address, data=form, headers={"cookie": cookies} if cookies else {})
        self._cookies |= dict(answer.cookies)
        self._http.cookies.clear()
        self._address = address
        return answer
