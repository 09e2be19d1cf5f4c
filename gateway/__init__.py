"""Owns the identity gateway for Keycloak: an organization's accounts behind plain HTTP calls."""

import sys

if not {"rich", "structlog"} & sys.modules.keys():
    # structlog would load it for tracebacks in colour, of which the gateway writes none: 4 MiB of each process.
    sys.modules["rich"] = None  # type: ignore[assignment]
    import structlog  # noqa: F401

    del sys.modules["rich"]
