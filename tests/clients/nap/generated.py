"""A client that is generated from our own document, called as a program would call it."""

import json
import select
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devstack.environment import PROJECT
from tests.clients.installation import installed

_GENERATOR = "openapi-python-client-0.29"
_DOCUMENT = PROJECT / "docs" / "api" / "nap.json"
_DRIVER = Path(__file__).with_name("driver.py")
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class GeneratedClient:
    """The client, in a process of its own.

    Attributes:
        process: where it runs.
        server: base address of the gateway.
    """

    process: subprocess.Popen[str]
    server: str

    def call(self, operation: str, body: Mapping[str, object] | None = None, **arguments: str) -> dict[str, Any]:
        """Call an operation, by its id; return the answer, which the client has parsed into the documented class."""
        told = self.asked(operation, body, **arguments)
        assert told["status"] == 200, told
        answer: dict[str, Any] = told["answer"]
        return answer

    def asked(self, operation: str, body: Mapping[str, object] | None = None, **arguments: str) -> dict[str, Any]:
        """Call an operation, whatever comes of it."""
        assert self.process.stdin
        assert self.process.stdout
        call = {"server": self.server, "operation": operation, "body": body, "arguments": arguments}
        self.process.stdin.write(f"{json.dumps(call)}\n")
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], _PATIENCE)
        assert ready, f"the client still waits for {operation}"
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        return told


@contextmanager
def generated_client(folder: Path, server: str) -> Iterator[GeneratedClient]:
    """Generate the client into a folder, without a warning, and run it until the block ends."""
    generator, config = installed(_GENERATOR), folder / "config.json"
    config.write_text(json.dumps({"post_hooks": []}), encoding="utf-8")
    source = ("--path", str(_DOCUMENT), "--config", str(config), "--meta", "none", "--fail-on-warning")
    generator.ran("openapi_python_client", "generate", *source, "--output-path", str(folder / "nap_client"))
    with generator.running(_DRIVER, str(folder)) as process:
        try:
            yield GeneratedClient(process, server)
        finally:
            process.kill()
