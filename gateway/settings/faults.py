"""How a wrong setting is told: by the name an operator typed, with what is allowed, never with a value."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from pydantic_core import ErrorDetails

from gateway.settings.description import Setting
from gateway.settings.names import CONFIG, PREFIX, dotted, path_of, variable

_CLOSE = 0.5
"""How much of a name must be right for a suggestion: `PORT` finds `SERVER__PORT`."""


class SettingsError(Exception):
    """The settings cannot be used; the text lists every fault, one a line.

    Attributes:
        faults: the same, one by one.
    """

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(dict.fromkeys(faults))
        super().__init__("\n".join(self.faults))


def fault_of(error: ErrorDetails, known: Mapping[str, Setting]) -> str:
    """Say one of pydantic's errors in an operator's terms."""
    path = [part for part in error["loc"] if isinstance(part, str)]
    setting = known.get(variable(path))
    if setting is None:
        return _misplaced(path, error["type"], known)
    if error["type"] == "missing":
        return f"{setting.name}: required but not set; {setting.meaning}"
    entry = "".join(f" entry {part + 1}" for part in error["loc"] if isinstance(part, int))
    said = error["msg"].removeprefix("Value error, ").replace("Input should", "must").replace("String should", "must")
    said = said.replace("timedelta", "duration")
    allowed = f"; allowed: {setting.type}" if error["type"].endswith(("_type", "_parsing")) else ""
    return f"{setting.name}:{entry} {said}{allowed}"


def _misplaced(path: list[str], kind: str, known: Mapping[str, Setting]) -> str:
    """Only the TOML file can hold what is no setting: of the variables just the known ones are read."""
    name = dotted(path)
    if kind != "extra_forbidden":
        return f"{CONFIG}: {printable(name)} must be a table"
    return (
        f"{CONFIG}: {printable(name)}: no such setting{_did_you_mean(name, [dotted(path_of(each)) for each in known])}"
    )


def unknown_variable(name: str, known: Iterable[str]) -> str:
    """Say that a variable is none of ours, and which one comes near."""
    names = {each.removeprefix(PREFIX): each for each in known}
    return f"{printable(name)}: no such setting{_did_you_mean(name.removeprefix(PREFIX), names, PREFIX)}"


def _did_you_mean(name: str, known: Iterable[str], prefix: str = "") -> str:
    close = get_close_matches(name[:100], known, n=1, cutoff=_CLOSE)
    return f"; did you mean {prefix}{close[0]}?" if close else ""


def printable(name: str) -> str:
    """Keep a name on its line, whatever it is made of."""
    return name if name.isascii() and name.isprintable() else ascii(name)
