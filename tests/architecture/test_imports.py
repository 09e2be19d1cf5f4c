"""Imports point one way (the contracts stand in pyproject.toml, each with what to do instead)."""

import subprocess
import sys
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

_ROOT = Path(__file__).parents[2]


def test_all_import_contracts_are_kept(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(_ROOT)
    broken = lint_imports("pyproject.toml", no_cache=True, no_logo=True)
    assert not broken, capsys.readouterr().out


def test_an_import_against_the_rule_is_noticed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(_ROOT)
    turned = tmp_path / "pyproject.toml"
    rules = (_ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert '"surfaces", "identity | web"' in rules
    turned.write_text(rules.replace('"surfaces", "identity | web"', '"identity | web", "surfaces"'), encoding="utf-8")
    assert lint_imports(str(turned), limit_to_contracts=("layers",), no_cache=True, no_logo=True)
    assert "gateway.surfaces.toan.operations -> gateway.web.surface" in capsys.readouterr().out


def test_the_gateway_does_without_what_only_colours_tracebacks() -> None:
    program = "import sys, gateway.cli; print(*sys.modules)"
    command = [sys.executable, "-c", program]
    loaded = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - the above
    assert "structlog.dev" in loaded.stdout.split()
    assert "rich" not in loaded.stdout.split()
