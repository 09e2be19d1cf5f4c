"""Runs beside the generated client, whose folder it is told: reads calls as lines of JSON, and tells what came of each.

A call is `{"server": …, "operation": …, "body": {…}, "arguments": {…}}`, with null for a body that is not given. What
comes of it is `{"status": …, "kind": …, "answer": {…}}`: the class that the client has parsed the answer into, and its
members' names on the wire.
"""

import importlib
import json
import sys
import typing
from typing import Any

sys.path.insert(0, sys.argv[1])
CLIENT = importlib.import_module("nap_client")


def main() -> None:
    """Make calls until nobody asks for more."""
    for line in sys.stdin:
        print(json.dumps(_told(json.loads(line))), flush=True)  # noqa: T201 - that is how it answers


def _told(call: dict[str, Any]) -> dict[str, Any]:
    operation = importlib.import_module(f"nap_client.api.default.{call['operation']}").sync_detailed
    arguments = dict(call["arguments"])
    if call["body"] is not None:
        arguments["body"] = typing.get_type_hints(operation)["body"].from_dict(call["body"])
    client = CLIENT.Client(base_url=call["server"], raise_on_unexpected_status=True)
    answer = operation(client=client, **arguments)
    return {"status": answer.status_code, "kind": type(answer.parsed).__name__, "answer": answer.parsed.to_dict()}


if __name__ == "__main__":
    main()
