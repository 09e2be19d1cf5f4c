"""What Keycloak answers, read."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeVar

from pydantic import TypeAdapter

from gateway.keycloak.errors import error_of, unexpected

Shape = TypeVar("Shape")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer.

    Attributes:
        status: HTTP status.
        body: as it came.
        location: where what was made is to be found, as the answer says; empty for none.
    """

    status: int
    body: bytes = field(repr=False)
    location: str = field(default="", repr=False)

    @property
    def is_ok(self) -> bool:
        """Say whether the answer is a 200."""
        return self.status == HTTPStatus.OK

    @property
    def is_missing(self) -> bool:
        """Say whether what was asked for is not there."""
        return self.status == HTTPStatus.NOT_FOUND

    @property
    def error(self) -> tuple[str, str]:
        """Return the error's code and description (RFC 6749 section 5.2); empty where there is none."""
        return error_of(self.body)

    def read(self, asked: str, shape: TypeAdapter[Shape]) -> Shape:
        """Read the body of a 200.

        Args:
            asked: what was asked for, in our words.
            shape: what Keycloak answers then.

        Raises:
            Unavailable: it is another answer, or says something else.
        """
        self.require(asked, HTTPStatus.OK)
        try:
            return shape.validate_json(self.body)
        except ValueError:
            raise unexpected(asked, self.status, "unreadable") from None

    def require(self, asked: str, *statuses: HTTPStatus) -> None:
        """Demand one of these statuses.

        Raises:
            Unavailable: it is another; the realm is not set up as the gateway needs it, or Keycloak is in trouble.
        """
        if self.status not in statuses:
            raise unexpected(asked, self.status, self.error[0])
