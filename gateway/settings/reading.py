"""The only reader of the environment: variables, files that hold secrets, and the TOML file.

First one wins: the variable, the file that `…_FILE` names, the TOML file that `GATEWAY_CONFIG` names.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from gateway.settings.description import Setting, describe
from gateway.settings.faults import SettingsError, fault_of, printable, unknown_variable
from gateway.settings.model import Settings
from gateway.settings.names import CONFIG, FILE, PREFIX, path_of, variable
from gateway.settings.redis_address import passwords_of
from gateway.settings.values import listed

_LARGEST_FILE = 1 << 20
_REDIS_ADDRESS = variable(["redis", "url"])
_UNREAD = object()
"""Stands for a value that could not be read: it is wrong, but not missing, so nothing else is blamed for it."""
_SERVICE_LINK = re.compile(
    r"GATEWAY_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)"
)
_SERVICE_ADDRESS = re.compile(r"(tcp|udp|sctp)://.+")


@dataclass(slots=True)
class _Found:
    """What the sources hold, and what is wrong with them already."""

    values: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)

    def place(self, name: str, value: object) -> None:
        """Put a variable's value where the model looks for it."""
        *sections, last = path_of(name)
        place = self.values
        for section in sections:
            if not isinstance(place.get(section), dict):
                place[section] = {}
            place = place[section]
        place[last] = value

    def miss(self, name: str, fault: str) -> None:
        """Note a source that cannot be read, and what it was to give."""
        self.faults.append(fault)
        self.unread.add(name)


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Args:
        environment: the variables to read; the process's own when left out.

    Raises:
        SettingsError: with every fault, one a line; none repeats a value.
    """
    variables = os.environ if environment is None else environment  # noqa: TID251 - the one reader of it
    known = {setting.name: setting for setting in describe()}
    found = _found({name: value for name, value in variables.items() if value}, known)
    settings, wrong = _judged(found, known)
    faults = [*found.faults, *wrong, *_repeated(found.values, known)]
    if settings is None or faults:
        raise SettingsError(faults)
    return settings


def _judged(found: _Found, known: Mapping[str, Setting]) -> tuple[Settings | None, list[str]]:
    # Sections that nobody has set anything in: what they lack is then told one by one.
    for section in ("keycloak", "redis"):
        found.values.setdefault(section, {})
    try:
        return Settings.model_validate(found.values), []
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
    # What is missing may be in the file that could not be read.
    passed_over = {"missing", "required"} if CONFIG in found.unread else set()
    return None, [
        fault_of(each, known)
        for each in errors
        if each["type"] not in passed_over and variable(map(str, each["loc"])) not in found.unread
    ]


def _repeated(values: Mapping[str, Any], known: Mapping[str, Setting]) -> Iterator[str]:
    """Find secrets that occur twice: who learns one would hold the other (security S44)."""
    seen: dict[str, str] = {}
    for setting in (each for each in known.values() if each.is_secret):
        for secret in _secrets(values, setting):
            if secret in seen:
                yield f"{setting.name}: the same secret as in {seen[secret]}; each needs its own"
            seen.setdefault(secret, setting.name)


def _secrets(values: Mapping[str, Any], setting: Setting) -> list[str]:
    texts = _texts(values, path_of(setting.name), several=setting.type.startswith("list"))
    if setting.name == _REDIS_ADDRESS:
        texts = [password for text in texts for password in passwords_of(text)]
    return [text.rstrip("=") for text in texts]


def _texts(value: Any, path: list[str], *, several: bool) -> list[str]:  # noqa: ANN401 - whatever the TOML file holds
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    if several:
        value = listed(value)
    texts = value if isinstance(value, list) else [value]
    return [text for text in texts if isinstance(text, str)]


def _found(variables: Mapping[str, str], known: Mapping[str, Setting]) -> _Found:
    found = _Found()
    if CONFIG in variables:
        _read_document(variables[CONFIG], found)
    for name, value in sorted(variables.items()):
        if name != CONFIG and name.startswith(PREFIX) and not _is_service_link(name, value):
            _read_variable(name, variables, known, found)
    return found


def _read_variable(name: str, variables: Mapping[str, str], known: Mapping[str, Setting], found: _Found) -> None:
    target = name.removesuffix(FILE)
    if name in known:
        found.place(name, variables[name])
    elif target not in known or not known[target].is_secret:
        found.faults.append(unknown_variable(name, known))
    elif target in variables:
        found.faults.append(f"{name}: set beside {target}; keep one of them")
    else:
        _read_secret(name, variables[name], target, found)


def _is_service_link(name: str, value: str) -> bool:
    """Tell what Kubernetes adds to every container of a namespace that has a Service called `gateway`.

    It is none of ours, and the obvious name for our Service brings it about, so it must not stop the start. Only these
    names are passed over, and `GATEWAY_PORT` only with an address: with a number, somebody meant our port.
    """
    return bool(_SERVICE_LINK.fullmatch(name) or (name == "GATEWAY_PORT" and _SERVICE_ADDRESS.fullmatch(value)))


def _read_secret(name: str, path: str, target: str, found: _Found) -> None:
    try:
        text = _text(path).strip()
    except ValueError as error:
        found.place(target, _UNREAD)
        found.miss(target, f"{name}: {error}")
        return
    if not text:
        found.place(target, _UNREAD)
        found.miss(target, f"{name}: the file it names is empty")
        return
    found.place(target, text)


def _read_document(path: str, found: _Found) -> None:
    try:
        found.values = tomllib.loads(_text(path))
    except RecursionError:
        found.miss(CONFIG, f"{CONFIG}: the file it names is nested too deeply")
    except tomllib.TOMLDecodeError as error:
        found.miss(CONFIG, f"{CONFIG}: the file it names is not TOML: {printable(str(error))}")
    except ValueError as error:
        found.miss(CONFIG, f"{CONFIG}: {error}")


def _text(path: str) -> str:
    """Read a file.

    Raises:
        ValueError: it cannot be read. The path is not repeated: it may be a secret, set without `…_FILE`'s file.
    """
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib cannot bound what it reads
            content = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise ValueError(f"the file it names cannot be read: {error.strerror}") from None
    except ValueError:
        raise ValueError("names no file: it is not a path") from None
    if len(content) > _LARGEST_FILE:
        raise ValueError("the file it names is larger than 1 MiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("the file it names is not UTF-8 text") from None
