"""What is said where no surface speaks: a path that belongs to none of them."""

from pydantic import BaseModel

from gateway.web.refusals import HostNotAllowed, Refusal
from gateway.web.surface import Surface, WireError


class Said(BaseModel):
    """The body of every refusal here."""

    error: str


def _says(status: int, error: str) -> WireError:
    return WireError(status, error, lambda _: {"error": error}, Said)


FALLBACK = Surface(
    name="none",
    title="Outside the surfaces",
    version="1",
    base_path="/",
    errors={
        Refusal: _says(404, "not found"),
        HostNotAllowed: _says(400, "invalid host"),
        Exception: _says(500, "internal server error"),
    },
)
