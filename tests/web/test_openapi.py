"""Each surface's document says what the surface does: OpenAPI 3.1, made from the same declarations."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.web.openapi import document
from tests.web.depot import DEPOT
from tests.web.parcels import PARCELS

DOCUMENT = document(PARCELS)
OPERATIONS = {
    operation["operationId"]: (path, method, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


def _nodes(node: object) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for child in node.values():
            yield from _nodes(child)
    elif isinstance(node, list):
        for child in node:
            yield from _nodes(child)


def _parameters(operation_id: str) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in OPERATIONS[operation_id][2]["parameters"]}


def test_the_document_names_itself() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    assert DOCUMENT["info"] == {"title": "Parcels", "version": "7.0"}


def test_the_document_has_only_what_openapi_knows() -> None:
    assert DOCUMENT.keys() <= {"openapi", "info", "servers", "paths", "webhooks", "components", "security", "tags"}
    assert DOCUMENT["components"].keys() <= {"schemas", "securitySchemes"}
    for path, methods in DOCUMENT["paths"].items():
        assert path.startswith("/")
        assert methods.keys() <= METHODS


def test_the_document_survives_json() -> None:
    assert json.loads(json.dumps(DOCUMENT)) == DOCUMENT


def test_every_reference_leads_somewhere() -> None:
    references = {node["$ref"] for node in _nodes(DOCUMENT) if "$ref" in node}
    assert references
    assert references <= {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}


def test_every_schema_is_used() -> None:
    used = {node["$ref"].rpartition("/")[2] for node in _nodes(DOCUMENT) if "$ref" in node}
    assert DOCUMENT["components"]["schemas"].keys() == used


def test_every_declared_operation_is_there_and_no_other() -> None:
    declared = {(each.id, each.path, each.method.lower()) for each in PARCELS.operations}
    assert {(name, path, method) for name, (path, method, _) in OPERATIONS.items()} == declared
    assert len(OPERATIONS) == len(PARCELS.operations)


def test_an_operation_is_described_by_its_docstring() -> None:
    operation = OPERATIONS["send"][2]
    assert operation["summary"] == "Send a parcel"
    assert operation["description"] == "Send a parcel.\n\nIt leaves the house today."


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_every_parameter_of_a_path_is_declared_and_required(operation_id: str) -> None:
    path = OPERATIONS[operation_id][0]
    in_path = [each for each in _parameters(operation_id).values() if each["in"] == "path"]
    assert {f"{{{each['name']}}}" for each in in_path} == {part for part in path.split("/") if "{" in part}
    assert all(each["required"] for each in in_path)


def test_parameters_are_told_with_place_need_and_shape() -> None:
    parameters = _parameters("redirect")
    assert {name: (each["in"], each["required"]) for name, each in parameters.items()} == {
        "parcel_id": ("path", True),
        "tag": ("query", False),
        "carrier": ("query", False),
        "most": ("query", False),
        "x-depot": ("header", True),
    }
    assert parameters["tag"]["schema"] == {"type": "array", "items": {"type": "string"}}
    assert parameters["most"]["schema"] == {"type": "integer", "default": 10}
    assert parameters["x-depot"]["schema"] == {"type": "string", "minLength": 1}


def test_an_operation_without_parameters_has_an_empty_list() -> None:
    assert OPERATIONS["send"][2]["parameters"] == []


def test_a_body_is_told_with_its_media_type_and_shape() -> None:
    assert OPERATIONS["send"][2]["requestBody"] == {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Parcel"}}},
    }
    assert list(OPERATIONS["label"][2]["requestBody"]["content"]) == ["application/x-www-form-urlencoded"]
    note = document(DEPOT)["paths"]["/parcels/depot/note"]["post"]["requestBody"]["content"]
    assert list(note) == ["application/json", "application/x-www-form-urlencoded"]
    assert len({str(shape) for shape in note.values()}) == 1
    assert "requestBody" not in OPERATIONS["find"][2]
    parcel = DOCUMENT["components"]["schemas"]["Parcel"]
    assert parcel["required"] == ["name", "grams"]
    assert parcel["properties"]["name"]["maxLength"] == 1024


def test_a_protected_operation_says_so() -> None:
    assert OPERATIONS["redirect"][2]["security"] == [{"bearer": []}]
    assert [name for name, (_, _, operation) in OPERATIONS.items() if "security" in operation] == ["redirect"]
    assert DOCUMENT["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert "securitySchemes" not in document(DEPOT)["components"]


@pytest.mark.parametrize(
    ("operation_id", "statuses"),
    [
        ("send", {"200", "400", "408", "413", "415", "422", "429", "500", "503"}),
        ("find", {"200", "400", "408", "413", "422", "500", "503"}),
        ("redirect", {"200", "400", "401", "403", "408", "413", "415", "422", "500", "503"}),
        ("collect", {"200", "400", "408", "413", "422", "500", "503"}),
        ("move", {"302", "400", "408", "413", "500"}),
        ("wait", {"200", "400", "408", "413", "500", "503"}),
        ("refuse", {"200", "400", "408", "413", "429", "500", "503"}),
    ],
)
def test_every_status_an_operation_can_give_is_told(operation_id: str, statuses: set[str]) -> None:
    assert OPERATIONS[operation_id][2]["responses"].keys() == statuses


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_every_answer_has_a_description_and_a_shape(operation_id: str) -> None:
    for status, answer in OPERATIONS[operation_id][2]["responses"].items():
        assert answer["description"]
        assert status == "302" or answer["content"]["application/json"]["schema"]


def test_a_redirect_is_told_by_where_it_says_to_go() -> None:
    answer = OPERATIONS["move"][2]["responses"]["302"]
    assert answer["headers"] == {"Location": {"required": True, "schema": {"type": "string", "format": "uri"}}}
    assert "content" not in answer


def test_headers_of_an_answer_are_told_with_what_they_hold() -> None:
    answers = {name: operation["responses"].get("200", {}) for name, (_, _, operation) in OPERATIONS.items()}
    assert {name: answer["headers"] for name, answer in answers.items() if "headers" in answer} == {
        "label": {"x-printer": {"description": "which one prints", "required": True, "schema": {"type": "string"}}}
    }


def test_a_cookie_is_told_as_one() -> None:
    parameters = _parameters("collect")
    assert {name: (each["in"], each["required"]) for name, each in parameters.items()} == {
        "stamp": ("cookie", False),
        "colour": ("cookie", False),
    }


def test_reasons_of_one_status_and_shape_are_told_together() -> None:
    answer = document(DEPOT)["paths"]["/parcels/depot/open"]["get"]["responses"]["503"]
    assert answer == {
        "description": "not now",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Said"}}},
    }


def test_a_prefix_stands_before_every_path() -> None:
    assert set(document(PARCELS, "/v2")["paths"]) == {f"/v2{path}" for path in DOCUMENT["paths"]}


def test_the_document_is_the_same_each_time() -> None:
    assert json.dumps(document(PARCELS)) == json.dumps(DOCUMENT)


def test_an_answer_without_a_body_is_told_as_one() -> None:
    answer = document(DEPOT)["paths"]["/parcels/depot/leave"]["post"]["responses"]["200"]
    assert answer.keys() == {"description"}


def test_what_further_prefixes_name_is_no_parameter_of_a_path_without_it() -> None:
    assert document(DEPOT)["paths"]["/parcels/depot/open"]["get"]["parameters"] == []
    looked = document(DEPOT)["paths"]["/parcels/depot/shelves/{place}"]["get"]["parameters"]
    assert [each["name"] for each in looked] == ["place"]


def test_a_bad_body_is_told_apart_where_it_is_one() -> None:
    responses = document(DEPOT)["paths"]["/parcels/depot/weigh"]["post"]["responses"]
    assert responses["400"]["description"] == "wrong host; unreadable"
    assert responses["422"]["description"] == "faulty"
