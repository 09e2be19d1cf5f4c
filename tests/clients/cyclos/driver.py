"""Runs where `cyclos-sdk-py` is installed: reads calls as lines of JSON, and tells what came of each.

A call is `{"program": …, "server": …, "part": …, "operation": …, "arguments": {…}}`, by the client's own names; a
program keeps its client, and with it what the client remembers. What comes of it is `{"answer": {…}}` as the client's
model writes it, or `{"error": {"kind": …, "status": …, "code": …, "properties": {…}}}`.
"""

import functools
import json
import sys
from typing import Any

from angstrom_cyclos import CyclosClient, CyclosConfig, CyclosError


def main() -> None:
    """Make calls until nobody asks for more."""
    for line in sys.stdin:
        print(json.dumps(_told(json.loads(line))), flush=True)  # noqa: T201 - that is how it answers


@functools.cache
def _client(program: str, server: str) -> Any:  # noqa: ANN401 - the client's own
    del program  # one client for each
    return CyclosClient(CyclosConfig(base_url=server, max_retries=0))


def _told(call: dict[str, Any]) -> dict[str, Any]:
    part = getattr(_client(call["program"], call["server"]), call["part"])
    try:
        answer = getattr(part, call["operation"])(**call["arguments"])
    except CyclosError as error:
        said = {"kind": type(error).__name__, "status": error.status_code, "code": error.cyclos_code}
        return {"error": {**said, "properties": getattr(error, "property_errors", {})}}
    written = answer.model_dump(mode="json", exclude_none=True) if hasattr(answer, "model_dump") else answer
    return {"answer": written}


if __name__ == "__main__":
    main()
