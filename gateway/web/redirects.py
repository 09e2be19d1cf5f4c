"""Answers that send a browser elsewhere."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.responses import RedirectResponse, Response

from gateway.web.cookies import Cookie, Site


@dataclass(frozen=True, slots=True)
class FrontEndPage:
    """A page of the organization's front end.

    Attributes:
        path: below its address, with a slash in front; may hold a query and a fragment.
    """

    path: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Redirect:
    """An answer that sends the browser elsewhere, by 302 and without telling that place where it came from.

    Attributes:
        to: a page of the front end, or an address that a use-case has made; never one that a request names (S35).
    """

    to: FrontEndPage | str = field(repr=False)
    cookies: Sequence[Cookie] = ()

    def response(self, site: Site) -> Response:
        """Say it, without the cookies."""
        address = site.front_end + self.to.path if isinstance(self.to, FrontEndPage) else self.to
        # The address that is left may hold a state or a code (security S38, S43).
        return RedirectResponse(address, HTTPStatus.FOUND, {"referrer-policy": "no-referrer"})


Failing = Callable[[Exception], Redirect]
"""Where a browser goes that comes by itself, with nobody to read a refusal: from the reason."""
