"""A little document of the tests' own: parcels, with every kind of input and its own way to say no."""

import asyncio
from typing import Any

from pydantic import BaseModel, Field

from gateway.domain.callers import Caller
from gateway.domain.errors import GatewayError, NotSignedIn, RightsRefused, TooManyAttempts, Unavailable
from gateway.domain.tokens import SignedIn
from gateway.web import refusals
from gateway.web.body import FORM
from gateway.web.cookies import Cookie
from gateway.web.inputs import TextModel, WireModel
from gateway.web.operation import Reply
from gateway.web.redirects import FrontEndPage, Redirect
from gateway.web.surface import Surface, WireError

GOOD_TOKEN = "the-one-good-token"


class Parcel(WireModel):
    """The body of *send*."""

    name: str = Field(max_length=1024)
    grams: int
    fragile: bool | None = False
    height: float = 1.0
    tags: list[str] = Field(default_factory=list)


class Address(WireModel):
    """The body of *redirect*."""

    street: str


class Label(TextModel):
    """The form of *label*."""

    text: str


class ParcelPath(TextModel):
    """Which parcel."""

    parcel_id: str


class Filter(TextModel):
    """The query of *find*."""

    tags: list[str] = Field(default_factory=list, alias="tag")
    carriers: list[str] | None = Field(None, alias="carrier")
    most: int = 10


class Depot(TextModel):
    """The header of *redirect*."""

    x_depot: str = Field(alias="x-depot", min_length=1)


class Stamps(TextModel):
    """The cookies of *collect*."""

    stamps: list[str] = Field(default_factory=list, alias="stamp")
    colour: str = "red"


class Depots(TextModel):
    """The query of *move*."""

    to: str = "front-end"
    most: int = 1


class Receipt(BaseModel):
    """What is known of a parcel."""

    told: dict[str, Any]


class Said(BaseModel):
    """Every refusal of this document."""

    no: str


class Faults(BaseModel):
    """The refusal that lists faults."""

    no: str
    faults: list[list[Any]]


def says(status: int, word: str) -> WireError:
    return WireError(status, word, lambda _: {"no": word}, Said)


def _wait(reason: Any) -> dict[str, str]:  # noqa: ANN401 - any reason that tells a time
    return {"retry-after": str(reason.retry_after)}


def lists(status: int, word: str) -> WireError:
    def body(no: refusals.InvalidRequest) -> object:
        return {"no": word, "faults": [[*each.place, each.kind, *filter(None, [each.sent])] for each in no.problems]}

    return WireError(status, word, body, Faults)


PARCELS = Surface(
    name="parcels",
    title="Parcels",
    version="7.0",
    base_path="/parcels",
    errors={
        GatewayError: says(403, "may not"),
        NotSignedIn: says(401, "who are you"),
        TooManyAttempts: WireError(429, "too often", lambda _: {"no": "too often"}, Said, _wait),
        Unavailable: says(503, "not now"),
        refusals.HostNotAllowed: says(400, "wrong host"),
        refusals.UnknownPath: says(404, "no such path"),
        refusals.MethodNotAllowed: says(405, "no such method"),
        refusals.BodyTooSlow: says(408, "too slow"),
        refusals.BodyTooLarge: says(413, "too large"),
        refusals.InvalidRequest: lists(422, "faulty"),
        refusals.UnsupportedMediaType: lists(415, "wrong type"),
        Exception: says(500, "broken"),
    },
)

# Kept by the tests to see whether a handler ran at all.
SEEN: list[str] = []


@PARCELS.operation("POST", "/parcels", id="send", errors=(TooManyAttempts,))
async def send(caller: Caller, body: Parcel) -> Receipt:
    """Send a parcel.

    It leaves the house today.
    """
    SEEN.append(body.name)
    return Receipt(told={**body.model_dump(), "address": caller.address, "surface": caller.surface})


@PARCELS.operation("GET", "/parcels", id="find")
async def find(query: Filter) -> Receipt:
    """Find parcels."""
    SEEN.append("find")
    return Receipt(told=query.model_dump())


@PARCELS.operation("PUT", "/parcels/{parcel_id}/address", id="redirect", errors=(RightsRefused,))
async def redirect(
    *,
    signed_in: SignedIn,
    path: ParcelPath,
    query: Filter,
    headers: Depot,
    body: Address,
) -> Receipt:
    """Send a parcel elsewhere."""
    del query
    SEEN.append("redirect")
    return Receipt(
        told={"by": signed_in.account_id, "id": path.parcel_id, "depot": headers.x_depot, "street": body.street}
    )


@PARCELS.operation("GET", "/parcels/{parcel_id}", id="track")
async def track(path: ParcelPath) -> Receipt:
    """Track a parcel."""
    return Receipt(told={"id": path.parcel_id})


@PARCELS.operation("POST", "/parcels/label", id="label", media_type=FORM, sends={"x-printer": "which one prints"})
async def label(body: Label) -> Reply[Receipt]:
    """Print a label."""
    return Reply(Receipt(told={"text": body.text}), 201, {"x-printer": "third"})


@PARCELS.operation("GET", "/parcels/stamps/collect", id="collect")
async def collect(cookies: Stamps) -> Reply[Receipt]:
    """Collect stamps."""
    kept = (
        Cookie("stamp", "blue.1", 60, "Lax", path="/parcels/stamps", http_only=True),
        Cookie("card", "full", 5, "None", always_secure=True),
    )
    return Reply(Receipt(told=cookies.model_dump()), cookies=kept)


def _moved_away(reason: Exception) -> Redirect:
    return Redirect(FrontEndPage(f"/lost?why={type(reason).__name__}"))


@PARCELS.operation("GET", "/parcels/depots/move", id="move", errors=(RightsRefused,), failing=_moved_away)
async def move(query: Depots) -> Redirect:
    """Go to another depot."""
    if query.to == "nowhere":
        raise RightsRefused
    if query.to == "late":
        await asyncio.sleep(60)
    if query.to == "elsewhere":
        return Redirect("https://elsewhere.example/käfer?a=b&c=%20#d", (Cookie("card", "one", 5, "Strict"),))
    return Redirect(FrontEndPage("/found#here"))


@PARCELS.operation("POST", "/parcels/wait", id="wait")
async def wait() -> Receipt:
    """Take longer than anybody waits."""
    await asyncio.sleep(60)
    return Receipt(told={})


@PARCELS.operation("POST", "/parcels/soon", id="soon")
async def soon() -> Receipt:
    """Take a second."""
    await asyncio.sleep(1)
    return Receipt(told={})


@PARCELS.operation("POST", "/parcels/late", id="late")
async def late() -> Receipt:
    """Take so long that many of these are sure to be in flight together, however busy the machine is."""
    await asyncio.sleep(8)
    return Receipt(told={})


@PARCELS.operation("POST", "/parcels/break", id="break")
async def break_() -> Receipt:
    """Fail in an unexpected way."""
    secret_of_the_handler = "kept-out-of-tracebacks"
    raise RuntimeError(f"{len(secret_of_the_handler)} things went wrong")


@PARCELS.operation("POST", "/parcels/refuse", id="refuse", errors=(TooManyAttempts,))
async def refuse() -> Receipt:
    """Say no with a time."""
    raise TooManyAttempts(retry_after=7)
