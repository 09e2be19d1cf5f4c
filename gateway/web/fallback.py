"""What is said where no surface speaks: a path that belongs to none of them."""

from pydantic import BaseModel

from gateway.domain.callers import NO_SURFACE
from gateway.web.refusals import HostNotAllowed, Refusal
from gateway.web.surface import Surface, WireError


class RefusalBody(BaseModel):
    """The body of every refusal here."""

    detail: str


def _says(status: int, detail: str) -> WireError:
    return WireError(status, detail, lambda _: {"detail": detail}, RefusalBody)


FALLBACK = Surface(
    name=NO_SURFACE,
    title="Outside the surfaces",
    version="1",
    base_path="/",
    errors={
        Refusal: _says(404, "Not Found"),
        HostNotAllowed: _says(400, "Invalid host"),
        Exception: _says(500, "Internal server error"),
    },
)
