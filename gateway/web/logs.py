"""How the gateway writes its log: one event a line on standard output, JSON or for people (security S48).

What must not be logged is not handed to a logger in the first place; this module sees to the rest: third-party
loggers speak from WARNING on, tracebacks come without local variables, and no text of a user's can begin a line.
"""

import logging
import sys
import traceback
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from gateway.settings import LogSettings


def configure(settings: LogSettings, stream: TextIO = sys.stdout) -> None:
    """Set up structlog and the standard library's logging, once for the process.

    Args:
        settings: how to write.
        stream: where to; standard error for a command whose answer goes to standard output.
    """
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    structlog.configure(
        processors=[*_common(), *_rendering(settings)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(settings)],
            foreign_pre_chain=[*_common(), structlog.stdlib.add_logger_name],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)


def _common() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _rendering(settings: LogSettings) -> list[Processor]:
    if settings.format == "console":
        return [_one_line, structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty(), exception_formatter=_indented)]
    return [_traceback_as_data, structlog.processors.JSONRenderer()]


# JSON escapes control characters and, being ASCII, the line separators of Unicode too; a console shows them raw.
_traceback_as_data = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=20)
)


def _one_line(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    del logger, method
    return {name: _escaped(value) for name, value in event.items()}


def _indented(out: TextIO, exc_info: ExcInfo) -> None:
    """Write a traceback whose every line is indented, so that none of an exception's text begins one."""
    lines = "".join(traceback.format_exception(*exc_info)).splitlines()
    out.writelines(f"\n    {_escaped(line)}" for line in lines)


def _escaped(value: Any) -> Any:  # noqa: ANN401 - whatever somebody logged
    return value.encode("unicode_escape").decode() if isinstance(value, str) and not value.isprintable() else value
