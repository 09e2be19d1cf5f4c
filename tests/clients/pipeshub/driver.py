"""Runs where `pipeshub_sdk` is installed, whichever version: reads calls as lines of JSON, and tells what came of each.

A call is `{"server": …, "bearer": …, "backoff": …, "operation": …, "arguments": {…}}`, with null for what is not given;
`backoff` are the milliseconds between two tries where the gateway names no time. What comes of it is `{"answer": {…}}`,
with the members' names on the wire, or `{"error": {"kind": …, "status": …, "message": …, "body": …}}`.
"""

import json
import sys
from typing import Any

from pipeshub_sdk import Pipeshub, errors, models, utils


def main() -> None:
    """Make calls until nobody asks for more."""
    for line in sys.stdin:
        print(json.dumps(_told(json.loads(line))), flush=True)  # noqa: T201 - that is how it answers


def _told(call: dict[str, Any]) -> dict[str, Any]:
    security = models.Security(bearer_auth=call["bearer"]) if call["bearer"] else None
    with Pipeshub(server_url=call["server"], security=security, retry_config=_retries(call["backoff"])) as sdk:
        try:
            answer = getattr(sdk.user_account, call["operation"])(**call["arguments"])
        except errors.PipeshubError as error:
            return {"error": _described(error)}
    return {"answer": answer.model_dump(mode="json", by_alias=True)}


def _retries(backoff: int | None) -> utils.RetryConfig | None:
    if backoff is None:
        return None
    strategy = utils.BackoffStrategy(backoff, backoff, 1.0, backoff)
    return utils.RetryConfig("backoff", strategy, retry_connection_errors=False)


def _described(error: errors.PipeshubError) -> dict[str, Any]:
    return {"kind": type(error).__name__, "status": error.status_code, "message": str(error), "body": error.body}


if __name__ == "__main__":
    main()
