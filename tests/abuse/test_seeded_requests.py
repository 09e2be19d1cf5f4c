"""Any input, any path, any method: an answer below 500 in the surface's shape, in bounded memory (security S34).

`ABUSE_SEED` repeats a run, request by request; `ABUSE_REQUESTS` makes it longer.
"""

import secrets
from collections import Counter
from collections.abc import Iterator

import psutil

from devstack.environment import variables
from tests.abuse.company import Company
from tests.abuse.honest import Cast, documented, honest
from tests.abuse.requests import Request, dice
from tests.abuse.running import Run, odd
from tests.servers.gateway import ServedGateway
from tests.surfaces.counted import operations_counted
from tests.surfaces.toan.client import Toan

_SEED = variables().get("ABUSE_SEED", secrets.token_hex(4))
_REQUESTS = int(variables().get("ABUSE_REQUESTS", "10000"))
_WARM_UP = 1000
_MOST_GROWTH = 48 << 20

# Every reason that HTTP itself has, and most of those that the documents have.
_EXPECTED = {200, 201, 204, 400, 401, 403, 404, 405, 409, 413, 414, 415, 422, 429, 431, 501}


def _line_up(cast: Cast) -> Iterator[Request]:
    shapes = documented()
    for number in range(_REQUESTS):
        rolled = dice(_SEED, number)
        yield odd(rolled, number, honest(rolled, rolled.choice(shapes), cast))


async def test_ten_thousand_odd_requests_break_nothing(abused: ServedGateway, cast: Cast, company: Company) -> None:
    print(f"ABUSE_SEED={_SEED}")  # noqa: T201 - shown beside a failure, to repeat it
    run, process = Run(_line_up(cast)), psutil.Process(abused.pid)
    await run.go(abused, _WARM_UP)
    warm = process.memory_info().rss
    await run.go(abused, _REQUESTS - _WARM_UP)
    grown = process.memory_info().rss - warm
    print(sorted(run.statuses.items()), f"{grown >> 20} MiB")  # noqa: T201 - the same

    run.require_good(abused)
    assert grown < _MOST_GROWTH
    _require_reach(run.statuses, abused)
    with abused.client() as http:
        Toan(http).sending(x_forwarded_for="198.51.100.1").sign_in(company.ann.username, company.ann.password)


def _require_reach(statuses: Counter[int], gateway: ServedGateway) -> None:
    """Demand that the requests came far: to every operation, and to its every sort of answer."""
    assert statuses.keys() >= _EXPECTED
    assert operations_counted(gateway) >= {each.id for each in documented()}
