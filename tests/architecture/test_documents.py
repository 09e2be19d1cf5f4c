"""The API documents in the repository are the ones the code makes."""

import json
from pathlib import Path

import pytest

from gateway.app import SURFACES
from gateway.web.openapi import document
from gateway.web.surface import Surface

_KEPT = Path(__file__).parents[2] / "docs" / "api"


def test_there_is_one_document_for_each_surface() -> None:
    assert {path.name for path in _KEPT.iterdir()} == {f"{surface.name}.json" for surface in SURFACES}


@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)
def test_a_document_is_up_to_date(surface: Surface) -> None:
    kept = (_KEPT / f"{surface.name}.json").read_text(encoding="utf-8")
    assert kept == json.dumps(document(surface), indent=2, ensure_ascii=False) + "\n", "run `make openapi`"


def test_no_two_surfaces_share_a_path() -> None:
    paths = [path for surface in SURFACES for path in {operation.path for operation in surface.operations}]
    assert len(paths) == len(set(paths))


@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)
def test_no_two_operations_share_an_id(surface: Surface) -> None:
    # Ids are the documents' own, and two of them have a `login`.
    ids = [operation.id for operation in surface.operations]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)
def test_every_path_lies_below_the_base_path_of_its_surface(surface: Surface) -> None:
    bases = tuple(f"{each.rstrip('/')}/" for each in (surface.base_path, *surface.further_paths))
    assert not [each.path for each in surface.operations if not f"{each.path}/".startswith(bases)]
