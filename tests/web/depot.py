"""A second surface: parcels that somebody keeps, told apart by what may be sent."""

from typing import Annotated

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from gateway.domain.errors import RightsRefused
from gateway.web import refusals
from gateway.web.body import FORM, JSON
from gateway.web.cookies import Cookie
from gateway.web.inputs import SENT, TextModel
from gateway.web.operation import Reply
from gateway.web.refusals import Parting
from gateway.web.surface import Surface
from tests.web.parcels import PARCELS, SEEN, Label, Receipt, lists, says


class Shelf(TextModel):
    """Where something lies."""

    place: str


class Yard(TextModel):
    """Whose depot it is; nobody's where the path names none."""

    yard: str | None = None


class Keeping(TextModel):
    """The query of *leave*."""

    keep: bool = False


def _weighed(text: str) -> int:
    if not text.isdecimal():
        raise PydanticCustomError("weight", "Input should be a weight", {SENT: text})
    return int(text)


class Weight(TextModel):
    """The query of *weigh*."""

    grams: Annotated[int, BeforeValidator(_weighed)] = 0


DEPOT = Surface(
    name="depot",
    title="Depot",
    version="1",
    base_path="/parcels/depot",
    errors=dict(PARCELS.errors) | {refusals.UnknownPath: says(404, "no such path in the depot")},
    unnamed_type=JSON,
    answers_head=True,
)


@DEPOT.operation("GET", "/parcels/depot/open", id="is_open")
async def is_open(path: Yard) -> Receipt:
    """Tell whether the depot is open."""
    return Receipt(told={"open": True} | ({"yard": path.yard} if path.yard else {}))


@DEPOT.operation("GET", "/parcels/depot/shelves/{place}", id="look", takes_slashes=True)
async def look(path: Shelf) -> Receipt:
    """Look what lies on a shelf."""
    return Receipt(told={"place": path.place})


@DEPOT.operation("POST", "/parcels/depot/note", id="note", further_types=(FORM,))
async def note(body: Label) -> Receipt:
    """Leave a note."""
    SEEN.append(body.text)
    return Receipt(told={"text": body.text})


@DEPOT.operation("POST", "/parcels/depot/leave", id="leave", errors=(RightsRefused,))
async def leave(query: Keeping) -> Reply[None]:
    """Leave, with or without the card."""
    card = Cookie("card", "kept" if query.keep else "", None if query.keep else 0, "Lax", path="/parcels")
    if query.keep:
        return Reply(None, cookies=(card,))
    raise Parting(RightsRefused(), (card,))


@DEPOT.operation("POST", "/parcels/depot/weigh", id="weigh", own_words={refusals.InvalidBody: lists(400, "unreadable")})
async def weigh(query: Weight, body: Label) -> Receipt:
    """Weigh something."""
    return Receipt(told={"grams": query.grams, "text": body.text})
