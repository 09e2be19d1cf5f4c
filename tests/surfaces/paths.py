"""Methods and paths that no operation has (security S35, S37)."""

from collections.abc import Iterable, Iterator

import httpx

OTHER_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")


def near_misses(paths: Iterable[str]) -> Iterator[str]:
    """Change each path so that a careless server would find it again, or go somewhere else."""
    for path in paths:
        above, _, last = path.rpartition("/")
        yield f"{above}/{last.swapcase()}"
        yield from (f"{above}{between}{last}" for between in ("//", "/./", "/x/../", "/%2e/", "%2f", "/%2f"))
        yield from (f"{path}{ending}" for ending in ("/", "/x", "//evil.example/..", "/%5cevil.example", "/\\evil"))


def require_safe_headers(answer: httpx.Response) -> None:
    """Demand what every answer has, and has not (security S38)."""
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not {"server", "x-powered-by", "access-control-allow-origin", "location"} & set(answer.headers)
