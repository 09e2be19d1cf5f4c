"""A second surface: parcels that somebody keeps, told apart by what may be sent."""

from gateway.domain.callers import Caller
from gateway.web import refusals
from gateway.web.body import FORM, JSON
from gateway.web.inputs import TextModel
from gateway.web.surface import Surface
from tests.web.parcels import PARCELS, SEEN, Label, Receipt, says


class Shelf(TextModel):
    """Where something lies."""

    place: str


DEPOT = Surface(
    name="depot",
    title="Depot",
    version="1",
    base_path="/parcels/depot",
    errors=dict(PARCELS.errors) | {refusals.UnknownPath: says(404, "no such path in the depot")},
    unnamed_type=JSON,
)


@DEPOT.operation("GET", "/parcels/depot/open", id="is_open")
async def is_open(identity: object, caller: Caller) -> Receipt:
    """Tell whether the depot is open."""
    del identity, caller
    return Receipt(told={"open": True})


@DEPOT.operation("GET", "/parcels/depot/shelves/{place}", id="look", takes_slashes=True)
async def look(identity: object, caller: Caller, path: Shelf) -> Receipt:
    """Look what lies on a shelf."""
    del identity, caller
    return Receipt(told={"place": path.place})


@DEPOT.operation("POST", "/parcels/depot/note", id="note", further_types=(FORM,))
async def note(identity: object, caller: Caller, body: Label) -> Receipt:
    """Leave a note."""
    del identity, caller
    SEEN.append(body.text)
    return Receipt(told={"text": body.text})
