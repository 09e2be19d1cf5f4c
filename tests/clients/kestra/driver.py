"""Runs where `kestrapy` is installed: reads calls as lines of JSON, and tells what came of each.

A call is `{"server": …, "api": …, "operation": …, "arguments": {…}}`, by the client's own names. What comes of it is
`{"answer": …, "model": …}`, or `{"error": {"kind": …, "status": …, "body": …}}`. Connections are kept. What is to be
read as a model is `{"model": …, "value": …}`, and comes back as the model writes it.
"""

import functools
import json
import sys
from datetime import datetime
from typing import Any

import kestrapy
from kestrapy.exceptions import ApiException


def main() -> None:
    """Make calls until nobody asks for more."""
    for line in sys.stdin:
        asked = json.loads(line)
        told = _read(asked) if "model" in asked else _told(asked)
        print(json.dumps(told, default=_written), flush=True)  # noqa: T201 - that is how it answers


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


def _read(asked: dict[str, Any]) -> dict[str, Any]:
    model = getattr(kestrapy, asked["model"])
    return {"answer": model.from_dict(asked["value"]).to_dict()}


def _written(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else str(value)


if __name__ == "__main__":
    main()
