import io
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from gateway.settings import COLUMNS, Setting, SurfaceSettings, describe, load, markdown, plain
from gateway.settings.names import CONFIG, path_of
from tests.settings.environments import complete

_PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
_ALL = describe()


@pytest.mark.parametrize("setting", _ALL, ids=lambda setting: setting.name)
def test_every_setting_says_what_it_means(setting: Setting) -> None:
    assert len(setting.meaning) > 10
    assert setting.type
    assert setting.section


def test_no_setting_is_told_twice() -> None:
    assert len({setting.name for setting in _ALL}) == len(_ALL)


def test_what_must_be_set_comes_first_in_its_section() -> None:
    keycloak = [setting for setting in _ALL if setting.name.startswith("GATEWAY_KEYCLOAK__")]
    assert [setting.default is None for setting in keycloak] == [True, True] + [False] * (len(keycloak) - 2)


@pytest.mark.parametrize("setting", [each for each in _ALL if each.default], ids=lambda setting: setting.name)
def test_every_default_can_be_written_as_it_is_shown(setting: Setting) -> None:
    variables = complete()
    assert load({**variables, setting.name: setting.default or ""}) == load(variables)


@pytest.mark.parametrize("setting", [each for each in _ALL if each.name != CONFIG], ids=lambda setting: setting.name)
def test_every_setting_of_the_page_is_one(setting: Setting) -> None:
    assert f"| `{setting.name}` |" in _PAGE.read_text(encoding="utf-8")
    found: object = load(complete())
    for part in path_of(setting.name):
        found = getattr(found, part)


def test_the_page_is_up_to_date() -> None:
    assert _PAGE.read_text(encoding="utf-8") == markdown(describe()) + "\n", "run `make docs`"


def test_every_row_of_the_page_has_its_cells() -> None:
    rows = [line for line in markdown(describe()).splitlines() if line.startswith("| ")]
    assert {row.count(" | ") for row in rows} == {len(COLUMNS) - 1}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("GATEWAY_SECRET_KEYS", "list of secret"),
        ("GATEWAY_SERVER__PORT", "integer from 0 to 65535"),
        ("GATEWAY_SERVER__DEADLINE", "duration to 5 s"),
        ("GATEWAY_SERVER__TRUSTED_PROXIES", "list of network"),
        ("GATEWAY_SERVER__ALLOWED_HOSTS", "list of text"),
        ("GATEWAY_SERVER__PUBLIC_DOCUMENTS", "`true` or `false`"),
        ("GATEWAY_KEYCLOAK__PRIVATE_KEY", "secret"),
        ("GATEWAY_KEYCLOAK__ISSUER", "text"),
        ("GATEWAY_LOG__FORMAT", "`json` or `console`"),
    ],
)
def test_types_are_told_with_their_bounds(name: str, kind: str) -> None:
    assert {setting.name: setting.type for setting in _ALL}[name] == kind


def test_secrets_are_those_that_can_come_from_a_file() -> None:
    names = {setting.name for setting in _ALL if setting.is_secret}
    assert {"GATEWAY_SECRET_KEYS", "GATEWAY_REDIS__URL", "GATEWAY_KEYCLOAK__PRIVATE_KEY"} < names
    assert all(name.endswith(("SECRET", "KEYS", "URL", "PRIVATE_KEY", "PASSWORD")) for name in names)


def test_a_terminal_gets_every_setting_too() -> None:
    text = plain(_ALL)
    assert all(f"  {setting.name} (" in text and setting.meaning in text for setting in _ALL)


def test_rows_fill_a_table_of_rich() -> None:
    table = Table(*COLUMNS)
    for setting in _ALL:
        table.add_row(*setting.row)
    output = io.StringIO()
    Console(file=output, width=400).print(table)
    assert all(setting.name in output.getvalue() for setting in _ALL)


def test_what_surfaces_share_is_told_for_each() -> None:
    shared = [name.upper() for name in SurfaceSettings.model_fields]
    names = {setting.name for setting in _ALL}
    assert {f"GATEWAY_{surface}__{name}" for surface in ("TOAN", "BACKCHANNEL_LOGOUT") for name in shared} <= names
