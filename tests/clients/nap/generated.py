"""A client that is generated from our own document, called as a program would call it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devstack.environment import PROJECT
from tests.clients.installation import Conversation, installed

_GENERATOR = "openapi-python-client-0.29"
_DOCUMENT = PROJECT / "docs" / "api" / "nap.json"
_DRIVER = Path(__file__).with_name("driver.py")


@dataclass(frozen=True, slots=True)
class GeneratedClient:
    """The client, in a process of its own.

    Attributes:
        client: the process.
        server: base address of the gateway.
    """

    client: Conversation
    server: str

    def call(self, operation: str, body: Mapping[str, object] | None = None, **arguments: str) -> dict[str, Any]:
        """Call an operation, by its id; return the answer, which the client has parsed into the documented class."""
        told = self.asked(operation, body, **arguments)
        assert told["status"] == 200, told
        answer: dict[str, Any] = told["answer"]
        return answer

    def asked(self, operation: str, body: Mapping[str, object] | None = None, **arguments: str) -> dict[str, Any]:
        """Call an operation, whatever comes of it."""
        call = {"server": self.server, "operation": operation, "body": body, "arguments": arguments}
        told: dict[str, Any] = self.client.ask(call)
        return told


@contextmanager
def generated_client(folder: Path, server: str) -> Iterator[GeneratedClient]:
    """Generate the client into a folder, without a warning, and run it until the block ends."""
    generator, config = installed(_GENERATOR), folder / "config.json"
    config.write_text(json.dumps({"post_hooks": []}), encoding="utf-8")
    source = ("--path", str(_DOCUMENT), "--config", str(config), "--meta", "none", "--fail-on-warning")
    generator.ran("openapi_python_client", "generate", *source, "--output-path", str(folder / "nap_client"))
    with generator.speaking(_DRIVER, str(folder)) as client:
        yield GeneratedClient(client, server)
