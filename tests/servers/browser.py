"""A browser as far as sign-in needs one: it keeps cookies, follows redirects and sends Keycloak's forms."""

import html
import re
from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx

_FORM = re.compile(r'<form[^>]*\baction="([^"]+)"', re.IGNORECASE)
_HIDDEN = re.compile(r'<input\b[^>]*\btype="hidden"[^>]*>', re.IGNORECASE)
_NAME = re.compile(r'\bname="([^"]*)"', re.IGNORECASE)
_VALUE = re.compile(r'\bvalue="([^"]*)"', re.IGNORECASE)
_MOST_STEPS = 20


class Browser:
    """One browser, with its own cookies.

    It takes this machine for safe, as browsers do: Keycloak marks its cookies `Secure` also on http.
    Where a redirect leads away from the machine, or to the page `until`, it stops and shows that redirect.
    """

    def __init__(self, until: str) -> None:
        """Open it.

        Args:
            until: what the address begins with that it does not go to by itself.
        """
        self._http = httpx.Client(timeout=60, follow_redirects=False)
        # Kept beside the client, which copies its cookies for each request and loses their policy.
        self.cookies = httpx.Cookies(CookieJar(DefaultCookiePolicy(secure_protocols=("http", "https"))))
        self._until = until

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, address: str) -> httpx.Response:
        """Ask for a page, and follow no redirect."""
        return self._ask("GET", address)

    def visit(self, address: str) -> httpx.Response:
        """Go to a page and on to wherever it leads."""
        return self._followed(self.get(address))

    def submit(self, page: httpx.Response, **fields: str) -> httpx.Response:
        """Send the page's form, with what it holds and these fields."""
        form = _FORM.search(page.text)
        assert form, page.text
        address = urljoin(str(page.url), html.unescape(form[1]))
        return self._followed(self._ask("POST", address, {**_hidden(page.text), **fields}))

    def _ask(self, method: str, address: str, form: Mapping[str, str] | None = None) -> httpx.Response:
        request = self._http.build_request(method, address, data=form)
        self.cookies.set_cookie_header(request)
        answer = self._http.send(request)
        self._http.cookies.clear()
        self.cookies.extract_cookies(answer)
        return answer

    def _followed(self, page: httpx.Response) -> httpx.Response:
        for _ in range(_MOST_STEPS):
            if page.is_redirect:
                address = urljoin(str(page.url), page.headers["location"])
                if address.startswith(self._until) or urlsplit(address).hostname != page.url.host:
                    return page
                page = self.get(address)
            elif "document.forms[0].submit()" in page.text:
                form = _FORM.search(page.text)
                assert form, page.text
                page = self._ask("POST", html.unescape(form[1]), _hidden(page.text))
            else:
                return page
        raise AssertionError("it leads nowhere")


def _hidden(page: str) -> dict[str, str]:
    fields = {}
    for field in _HIDDEN.findall(page):
        name, value = _NAME.search(field), _VALUE.search(field)
        if name:
            fields[name[1]] = html.unescape(value[1]) if value else ""
    return fields
