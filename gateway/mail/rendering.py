"""Templates into text and HTML, tried once at the start so that none fails when it is needed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import structlog
from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from gateway.domain.errors import Unavailable
from gateway.domain.lifetimes import whole_hours, whole_minutes
from gateway.mail.colors import readable_on
from gateway.mail.greetings import greetable
from gateway.mail.messages import EXAMPLES, Message
from gateway.settings import MailSettings, SettingsError

_log = structlog.get_logger()

_OWN = Path(__file__).parent / "templates"
_LAST_RESORT = "en"
_LOCALE = re.compile(r"([a-z]{2,3})([-_][a-z0-9]{2,8})*", re.IGNORECASE)
_MANY_BREAKS = re.compile(r"\n{3,}")
_UNUSABLE = (TemplateError, ArithmeticError, LookupError, OSError, TypeError, ValueError)
"""What a template can raise, and a file that cannot be read."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a mail says.

    Attributes:
        locale: language it was written in.
        subject: one line.
        text: for programs that show no HTML, and for people who read it so.
        html: the same, laid out.
    """

    locale: str
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)


_NAMES = {"name", "organization"}
"""What somebody may have called himself, or an organization."""


class Renderer:
    """Renders messages; a template of the operator's goes before the built-in one of that name."""

    def __init__(self, settings: MailSettings) -> None:
        """Read all templates, and try each with an example.

        Raises:
            SettingsError: a template cannot be rendered, or there is none for the default locale.
        """
        self._default_locale = settings.default_locale
        accent = settings.accent_color.lower()
        brand = {"service": settings.service_name, "accent": accent, "on_accent": readable_on(accent)}
        folders = [settings.templates, _OWN] if settings.templates else [_OWN]
        loader = ChoiceLoader([FileSystemLoader(folder) for folder in folders])
        self._text = _environment(loader, {**brand, "layout": "layout.txt", "parts": "parts.txt"}, escaping=False)
        self._html = _environment(loader, {**brand, "layout": "layout.html", "parts": "parts.html"}, escaping=True)
        if faults := list(self._faults()):
            raise SettingsError(faults)

    def render(self, message: Message, locale: str | None) -> Rendered:
        """Write a message in the language nearest to the wanted one.

        Args:
            message: what to say.
            locale: the account's, as Keycloak has it; people may have set it to anything.

        Raises:
            Unavailable: a template of the operator's stumbles over this message, though not over the example.
        """
        names = [f"{each}/{message.template}.jinja" for each in self._locales(locale)]
        try:
            return self._rendered(message, str(self._text.select_template(names).name))
        except _UNUSABLE as error:
            # Without its text, which may hold the code.
            _log.error("mail_template_unusable", template=message.template, trouble=type(error).__name__)
            raise Unavailable("mail") from None

    def _rendered(self, message: Message, name: str) -> Rendered:
        locale = name.partition("/")[0]
        facts = {**_facts(message), "locale": locale}
        facts |= {each: greetable(str(facts[each])) for each in _NAMES & facts.keys()}
        text = self._text.get_template(name)
        subject = " ".join(_subject(text, facts).split())
        facts["subject"] = subject
        written = _MANY_BREAKS.sub("\n\n", text.render(facts)).strip() + "\n"
        return Rendered(locale, subject, written, self._html.get_template(name).render(facts))

    def _locales(self, wanted: str | None) -> Iterator[str]:
        """Name languages, the best first: `pt-BR`, then `pt`, then the default one."""
        found = _LOCALE.fullmatch(wanted or "")
        if found:
            yield found[0].lower().replace("_", "-")
            yield found[1].lower()
        yield self._default_locale
        yield _LAST_RESORT

    def _faults(self) -> Iterator[str]:
        templates = self._text.list_templates(extensions=["jinja"])
        if not any(name.startswith(f"{self._default_locale}/") for name in templates):
            yield f"GATEWAY_MAIL__DEFAULT_LOCALE: there are no templates in {self._default_locale}/"
        for example in EXAMPLES:
            for name in templates:
                if name.endswith(f"/{example.template}.jinja"):
                    yield from self._faults_of(example, name)

    def _faults_of(self, example: Message, name: str) -> Iterator[str]:
        """Try one template; whatever an operator's template stumbles over is his to know at the start."""
        try:
            self._rendered(example, name)
        except _UNUSABLE as error:
            yield f"GATEWAY_MAIL__TEMPLATES: {name} cannot be rendered: {' '.join(str(error).split())}"


def _facts(message: Message) -> dict[str, Any]:
    """Return what templates may tell; how long something works in the unit that each prefers."""
    facts = asdict(message)
    if "lifetime" in facts:
        lifetime = facts.pop("lifetime")
        facts |= {"minutes": whole_minutes(lifetime), "hours": whole_hours(lifetime)}
    return facts


def _subject(template: Template, facts: Mapping[str, Any]) -> str:
    """Render the block `subject` on its own.

    Raises:
        TemplateError: there is none.
    """
    if "subject" not in template.blocks:
        raise TemplateError("it has no block `subject`")
    return "".join(template.blocks["subject"](template.new_context(dict(facts))))


def _environment(loader: BaseLoader, words: Mapping[str, Any], *, escaping: bool) -> ImmutableSandboxedEnvironment:
    """Make an environment; names in text are written as they are, in HTML never (security S16)."""
    environment = ImmutableSandboxedEnvironment(
        loader=loader,
        autoescape=escaping,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Compiled once, at the start (security R8).
        auto_reload=False,
        cache_size=-1,
    )
    environment.globals.update(words)
    return environment
