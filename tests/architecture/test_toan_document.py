"""The toan surface is the document's: ids, paths, methods and parameters of ToanFndtn IAM 0.0.2, group *auth*."""

import pytest

from gateway.surfaces.toan.operations import surface
from tests.architecture.promises import Parameters, operations_of, type_of

# Operation id → method, path, and parameter → (place, type, required), as the document has them.
PROMISED: dict[str, tuple[str, str, Parameters]] = {
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
LONGEST = {
    "user": 255,
    "password": 4096,
    "refresh_token": 8192,
    "username": 255,
    "x-org": 255,
    "x-org-override": 255,
    "current_password": 4096,
    "new_password": 256,
    "user_id": 36,
}
"""What the gateway takes (security S32); the document itself says nothing of it."""
TOKENS = {
    "access_token": "string",
    "refresh_token": "string",
    "expires_in": "integer",
    "refresh_expires_in": "integer",
    "scope": "string",
    "token_type": "string",
    "session_state": "string",
}

OPERATIONS = operations_of(surface)


def test_the_operations_are_the_document_s_in_its_order() -> None:
    assert list(OPERATIONS) == list(PROMISED)


@pytest.mark.parametrize("operation_id", PROMISED)
def test_method_path_and_parameters_are_the_document_s(operation_id: str) -> None:
    operation = OPERATIONS[operation_id]
    assert (operation.method, operation.path, operation.parameters) == PROMISED[operation_id]


@pytest.mark.parametrize("operation_id", PROMISED)
def test_every_text_of_a_request_has_a_maximum(operation_id: str) -> None:
    told = OPERATIONS[operation_id].longest_texts
    assert told
    assert told == {name: LONGEST[name] for name in told}


@pytest.mark.parametrize("operation_id", list(PROMISED)[:2])
def test_login_and_refresh_answer_with_the_seven_members(operation_id: str) -> None:
    schema = OPERATIONS[operation_id].answer(200)
    assert {name: type_of(shape) for name, shape in schema["properties"].items()} == TOKENS
    assert set(schema["required"]) == set(TOKENS)


@pytest.mark.parametrize("operation_id", list(PROMISED)[2:])
def test_the_other_operations_answer_with_an_empty_object(operation_id: str) -> None:
    schema = OPERATIONS[operation_id].answer(200)
    assert (schema["type"], schema["properties"]) == ("object", {})


@pytest.mark.parametrize("operation_id", PROMISED)
def test_every_operation_promises_the_document_s_422(operation_id: str) -> None:
    operation = OPERATIONS[operation_id]
    problem = operation.resolved(operation.answer(422)["properties"]["detail"]["items"])
    assert problem["properties"].keys() == {"loc", "msg", "type"}
    assert problem["properties"]["loc"]["items"] == {"anyOf": [{"type": "string"}, {"type": "integer"}]}


@pytest.mark.parametrize("operation_id", PROMISED)
def test_only_change_and_admin_demand_a_bearer(operation_id: str) -> None:
    operation = OPERATIONS[operation_id]
    assert operation.demands_bearer == (operation_id in list(PROMISED)[4:])
    assert (401 in operation.refusals) == (operation_id != list(PROMISED)[3])


@pytest.mark.parametrize("operation_id", PROMISED)
def test_success_is_exactly_200(operation_id: str) -> None:
    assert OPERATIONS[operation_id].successes == ["200"]
