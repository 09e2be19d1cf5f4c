"""What the log looks like, whatever is written into it (security S48)."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_ROOT = Path(__file__).parents[2]
_PREAMBLE = """
import logging, structlog
from gateway.settings import LogSettings
from gateway.web import logs
logs.configure(LogSettings(format={format!r}, level={level!r}))
log = structlog.get_logger()
foreign = logging.getLogger("some.library")
"""

BREAKS = {
    "line feed": "\n",
    "carriage return": "\r",
    "both": "\r\n",
    "vertical tab": "\v",
    "form feed": "\f",
    "next line": "\x85",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "file separator": "\x1c",
    "ANSI": "\x1b[2K\x1b[1G",
    "eight-bit ANSI": "\x9b2K",
    "backspace": "\b" * 80,
    "NUL": "\0",
    "right to left": "\u202e",
    "lone surrogate": "\ud800",
}


def _written(code: str, log_format: str = "json", level: str = "info") -> str:
    """Run code in a process of its own, which is how logging is configured; return what it wrote."""
    done = subprocess.run(  # noqa: S603 - this file's own code
        [sys.executable, "-c", _PREAMBLE.format(format=log_format, level=level) + code],
        capture_output=True,
        check=True,
        cwd=_ROOT,
        timeout=60,
    )
    assert done.stderr == b""
    return done.stdout.decode("utf-8")


def _events(code: str, level: str = "info") -> list[dict[str, Any]]:
    return [json.loads(line) for line in _written(code, level=level).splitlines()]


def test_an_event_is_one_json_object_with_level_and_utc_time() -> None:
    (event,) = _events("log.info('signed_in', account='7', tries=3)")
    assert event.pop("timestamp").endswith("Z")
    assert event == {"event": "signed_in", "level": "info", "account": "7", "tries": 3}


def test_what_is_bound_to_a_request_is_on_each_of_its_lines() -> None:
    code = "structlog.contextvars.bind_contextvars(request_id='r1')\nlog.info('one')\nforeign.error('two')"
    assert [event["request_id"] for event in _events(code)] == ["r1", "r1"]


def test_a_library_speaks_from_warning_on() -> None:
    code = "foreign.debug('a')\nforeign.info('b')\nforeign.warning('c %s', 'd')\nforeign.error('e')"
    events = _events(code, level="debug")
    assert [(event["event"], event["level"], event["logger"]) for event in events] == [
        ("c d", "warning", "some.library"),
        ("e", "error", "some.library"),
    ]


@pytest.mark.parametrize(("level", "written"), [("debug", 4), ("info", 3), ("error", 1)])
def test_nothing_below_the_level_is_written(level: str, written: int) -> None:
    assert len(_events("log.debug('a')\nlog.info('b')\nlog.warning('c')\nlog.error('d')", level)) == written


def test_a_library_is_silenced_by_the_level_too() -> None:
    assert _events("foreign.warning('a')", level="error") == []


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_no_text_of_a_users_begins_a_line_or_moves_the_cursor(log_format: str) -> None:
    texts = [f"ann{each}forged" for each in BREAKS.values()]
    code = f"""
for text in {texts!r}:
    log.info(text)
    log.info('name', name=text)
    log.info('list', names=[text, (text,)])
    log.info('dict', names={{text: {{text: text}}}})
    log.info('bytes', name=text.encode('utf-8', 'surrogatepass'))
    log.info('object', name=ValueError(text))
    foreign.warning(text)
    foreign.warning('name %s', text)
"""
    written = _written(code, log_format)
    assert len(written.splitlines()) == 8 * len(BREAKS)
    assert all(line.isprintable() for line in written.splitlines())


def test_every_line_stays_json_whatever_is_in_it() -> None:
    texts = [f"ann{each}forged" for each in BREAKS.values()]
    events = _events(f"for text in {texts!r}: log.info('name', name=text)")
    assert [event["name"] for event in events] == texts


@pytest.mark.parametrize("logger", ["log", "foreign"])
@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_traceback_shows_no_variables(logger: str, log_format: str) -> None:
    code = f"""
def sign_in(password):
    secret = 'hunter' + '2' * 3
    raise KeyError('what went wrong')
try:
    sign_in('pass' + 'word')
except KeyError:
    {logger}.exception('unexpected_error')
"""
    written = _written(code, log_format)
    assert "what went wrong" in written
    assert "sign_in" in written
    assert not [secret for secret in ("hunter222", "'password'") if secret in written]


def test_a_traceback_is_part_of_its_json_line() -> None:
    code = "try: 1 / 0\nexcept ZeroDivisionError: log.exception('unexpected_error')"
    (event,) = _events(code)
    assert event["exception"][0]["exc_type"] == "ZeroDivisionError"
    assert "locals" not in event["exception"][0]["frames"][0]


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_traceback_lets_no_text_of_a_users_begin_a_line(log_format: str) -> None:
    texts = [f"ann{each}forged" for each in BREAKS.values()]
    code = f"""
for text in {texts!r}:
    try: raise ValueError(text)
    except ValueError: log.exception('unexpected_error')
    try: raise ValueError(text)
    except ValueError: foreign.exception('unexpected_error')
"""
    lines = _written(code, log_format).splitlines()
    assert sum("forged" in line for line in lines) >= 2 * len(BREAKS)
    assert not [line for line in lines if line.startswith("forged") or not line.isprintable()]
