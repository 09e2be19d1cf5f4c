"""The toan surface is the document's: ids, paths, methods and parameters of ToanFndtn IAM 0.0.2, group *auth*."""

from typing import Any

import pytest

from gateway.surfaces.toan.operations import surface
from gateway.web.openapi import document

# Operation id → method, path, and parameter → (place, type, required), as the document has them.
PROMISED: dict[str, tuple[str, str, dict[str, tuple[str, str, bool]]]] = {
    "login_user_api_iam_login_post": (
        "post",
        "/api/iam/login",
        {
            "user": ("body", "string", True),
            "password": ("body", "string", True),
            "remember_me": ("body", "boolean", False),
        },
    ),
    "refresh_token_api_iam_refresh_post": (
        "post",
        "/api/iam/refresh",
        {"refresh_token": ("body", "string", True)},
    ),
    "logout_user_api_iam_logout_post": (
        "post",
        "/api/iam/logout",
        {"refresh_token": ("body", "string", True)},
    ),
    "reset_password_api_iam_password_reset_post": (
        "post",
        "/api/iam/password/reset",
        {"username": ("query", "string", True)},
    ),
    "change_password_api_iam_password_change_post": (
        "post",
        "/api/iam/password/change",
        {
            "x-org": ("header", "string", True),
            "x-org-override": ("header", "string", False),
            "current_password": ("body", "string", True),
            "new_password": ("body", "string", True),
        },
    ),
    "admin_change_user_password_api_iam_admin_user__user_id__password_post": (
        "post",
        "/api/iam/admin/user/{user_id}/password",
        {
            "user_id": ("path", "string", True),
            "x-org": ("header", "string", True),
            "x-org-override": ("header", "string", False),
            "new_password": ("body", "string", True),
        },
    ),
}
TOKENS = {
    "access_token": "string",
    "refresh_token": "string",
    "expires_in": "integer",
    "refresh_expires_in": "integer",
    "scope": "string",
    "token_type": "string",
    "session_state": "string",
}

DOCUMENT = document(surface)
OPERATIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    operation["operationId"]: (method, path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = DOCUMENT["components"]["schemas"][name] if name else schema
    return found


def _type(schema: dict[str, Any]) -> str:
    """Name a schema's type; what may be null besides keeps its own."""
    types = [each["type"] for each in schema.get("anyOf", [schema])]
    (name,) = [each for each in types if each != "null"]
    return str(name)


def _parameters(operation: dict[str, Any]) -> dict[str, tuple[str, str, bool]]:
    found = {each["name"]: (each["in"], _type(each["schema"]), each["required"]) for each in operation["parameters"]}
    if "requestBody" in operation:
        body = _resolved(operation["requestBody"]["content"]["application/json"]["schema"])
        required = body.get("required", [])
        found |= {name: ("body", _type(shape), name in required) for name, shape in body["properties"].items()}
    return found


def _success(operation_id: str) -> dict[str, Any]:
    return _resolved(OPERATIONS[operation_id][2]["responses"]["200"]["content"]["application/json"]["schema"])


def test_the_operations_are_the_document_s_in_its_order() -> None:
    assert list(OPERATIONS) == list(PROMISED)


@pytest.mark.parametrize("operation_id", PROMISED)
def test_method_path_and_parameters_are_the_document_s(operation_id: str) -> None:
    method, path, operation = OPERATIONS[operation_id]
    assert (method, path, _parameters(operation)) == PROMISED[operation_id]


@pytest.mark.parametrize("operation_id", list(PROMISED)[:2])
def test_login_and_refresh_answer_with_the_seven_members(operation_id: str) -> None:
    schema = _success(operation_id)
    assert {name: _type(shape) for name, shape in schema["properties"].items()} == TOKENS
    assert set(schema["required"]) == set(TOKENS)


@pytest.mark.parametrize("operation_id", list(PROMISED)[2:])
def test_the_other_operations_answer_with_an_empty_object(operation_id: str) -> None:
    schema = _success(operation_id)
    assert (schema["type"], schema["properties"]) == ("object", {})


@pytest.mark.parametrize("operation_id", PROMISED)
def test_every_operation_promises_the_document_s_422(operation_id: str) -> None:
    answer = OPERATIONS[operation_id][2]["responses"]["422"]["content"]["application/json"]["schema"]
    problem = _resolved(_resolved(answer)["properties"]["detail"]["items"])
    assert problem["properties"].keys() == {"loc", "msg", "type"}
    assert problem["properties"]["loc"]["items"] == {"anyOf": [{"type": "string"}, {"type": "integer"}]}


@pytest.mark.parametrize("operation_id", PROMISED)
def test_only_change_and_admin_demand_a_bearer(operation_id: str) -> None:
    demands = "security" in OPERATIONS[operation_id][2]
    assert demands == (operation_id in list(PROMISED)[4:])
    assert ("401" in OPERATIONS[operation_id][2]["responses"]) == (operation_id != list(PROMISED)[3])


@pytest.mark.parametrize("operation_id", PROMISED)
def test_success_is_exactly_200(operation_id: str) -> None:
    assert [status for status in OPERATIONS[operation_id][2]["responses"] if status < "400"] == ["200"]
