"""How a setting is called: as a variable, and in the TOML file."""

from collections.abc import Iterable

PREFIX = "GATEWAY_"
CONFIG = "GATEWAY_CONFIG"
FILE = "_FILE"


def variable(path: Iterable[str]) -> str:
    """Return the variable of a setting: `server`, `port` → `GATEWAY_SERVER__PORT`."""
    return PREFIX + "__".join(path).upper()


def path_of(name: str) -> list[str]:
    """Return where a variable's setting is in the model: `GATEWAY_SERVER__PORT` → `server`, `port`."""
    return name.removeprefix(PREFIX).lower().split("__")


def dotted(path: Iterable[str]) -> str:
    """Return how the TOML file calls a setting: `server.port`."""
    return ".".join(path)
