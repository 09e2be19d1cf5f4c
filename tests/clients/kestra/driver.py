"""Runs where `kestrapy` is installed: reads calls as lines of JSON, and tells what came of each.

A call is `{"server": …, "api": …, "operation": …, "arguments": {…}}`, by the client's own names. What comes of it is
`{"answer": …, "model": …}`, or `{"error": {"kind": …, "status": …, "body": …}}`. Connections are kept.
"""

import functools
import json
import sys
from typing import Any

import kestrapy
from kestrapy.exceptions import ApiException


def main() -> None:
    """Make calls until nobody asks for more."""
    for line in sys.stdin:
        print(json.dumps(_told(json.loads(line))), flush=True)  # noqa: T201 - that is how it answers


@functools.cache
def _client(server: str) -> Any:  # noqa: ANN401 - the client's own
    return kestrapy.ApiClient(kestrapy.Configuration(host=server))


def _told(call: dict[str, Any]) -> dict[str, Any]:
    api = getattr(kestrapy, call["api"])(_client(call["server"]))
    try:
        answer = getattr(api, call["operation"])(**call["arguments"])
    except ApiException as error:
        return {"error": {"kind": type(error).__name__, "status": error.status, "body": error.body}}
    written = answer.to_dict() if hasattr(answer, "to_dict") else answer
    return {"answer": written, "model": type(answer).__name__}


if __name__ == "__main__":
    main()
