"""What the document's own client accepts as an answer; anything else is a failed test (contract sections 1 and 2)."""

import httpx
from pydantic import BaseModel, ConfigDict


class _Exact(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class TokenOpenID(_Exact):
    """The seven members, all of them, none null, nothing besides."""

    access_token: str
    refresh_token: str
    expires_in: int
    refresh_expires_in: int
    scope: str
    token_type: str
    session_state: str


class Problem(_Exact):
    """One entry of a 422; `input`, which would echo secrets, is not among its members."""

    loc: tuple[str | int, ...]
    msg: str
    type: str


class _Refusal(_Exact):
    detail: str


class _ValidationError(BaseModel):
    model_config = ConfigDict(strict=False, extra="forbid", frozen=True)

    detail: list[Problem]


def tokens(answer: httpx.Response) -> TokenOpenID:
    """Read the tokens of a *login* or *refresh* that succeeded."""
    return TokenOpenID.model_validate_json(_success(answer))


def require_done(answer: httpx.Response) -> None:
    """Demand the empty object of every other operation that succeeded."""
    assert _success(answer) == b"{}"


def refusal(answer: httpx.Response, status: int) -> str:
    """Read the `detail` of a refusal with that status."""
    assert (answer.status_code, _media_type(answer)) == (status, "application/json"), answer.text
    return _Refusal.model_validate_json(answer.content).detail


def problems(answer: httpx.Response) -> list[Problem]:
    """Read the problems of a 422; there is at least one, each placed where the document says."""
    assert (answer.status_code, _media_type(answer)) == (422, "application/json"), answer.text
    told = _ValidationError.model_validate_json(answer.content).detail
    assert told
    assert {each.loc[0] for each in told} <= {"body", "query", "header", "path"}
    return told


def _success(answer: httpx.Response) -> bytes:
    assert (answer.status_code, _media_type(answer)) == (200, "application/json"), answer.text
    return answer.content


def _media_type(answer: httpx.Response) -> str:
    return str(answer.headers.get("content-type", "")).partition(";")[0]
