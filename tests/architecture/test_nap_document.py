"""The nap surface is the document's: ids, paths, methods, parameters and models of auth_platform_py_sdk 0.0.1."""

from typing import Any

import pytest

from gateway.surfaces.nap.operations import surface
from gateway.web.openapi import document
from tests.architecture.promises import Parameters, operations_of, type_of

_DEMANDED = ("body", "string", True)

# Operation id → method, path, and parameter → (place, type, required), as the document has them.
PROMISED: dict[str, tuple[str, str, Parameters]] = {
    "api_auth_flow_flow_id_get": ("get", "/api/auth/flow/{flowId}", {"flowId": ("path", "string", True)}),
    "api_auth_login_post": (
        "post",
        "/api/auth/login",
        {
            "email": ("body", "string", True),
            "password": ("body", "string", True),
            "flowReturnTo": ("body", "string", False),
        },
    ),
    "api_auth_logout_post": (
        "post",
        "/api/auth/logout",
        {
            "X-NAP-Session-Token": ("header", "string", False),
            "X-NAP-Refresh-Token": ("header", "string", False),
        },
    ),
    "api_auth_refresh_post": ("post", "/api/auth/refresh", {"X-NAP-Refresh-Token": ("header", "string", True)}),
    "api_auth_signup_post": (
        "post",
        "/api/auth/signup",
        {
            **dict.fromkeys(("email", "password", "confirmPassword", "firstName", "lastName"), _DEMANDED),
            "inviteToken": ("body", "string", False),
        },
    ),
    "api_auth_verify_email_send_post": ("post", "/api/auth/verify-email/send", {"email": _DEMANDED}),
    "api_auth_verify_email_verify_post": ("post", "/api/auth/verify-email/verify", {"token": _DEMANDED}),
    "api_auth_flow_flow_id_complete_post": (
        "post",
        "/api/auth/flow/{flowId}/complete",
        {
            "flowId": ("path", "string", True),
            "orgId": ("body", "string", False),
            "code": ("body", "string", False),
        },
    ),
}

# Operation id → the document's statuses → its models.
LOGIN = "HandlersUserLoginResult"
ERROR = "HandlersErrorResponse"
ANSWERS: dict[str, dict[int, str]] = {
    "api_auth_flow_flow_id_get": {200: "HandlersUserFlowData", 400: ERROR, 500: ERROR},
    "api_auth_login_post": {200: LOGIN, 400: ERROR, 401: ERROR, 403: "HandlersUserLoginRefusal", 500: ERROR},
    "api_auth_logout_post": {200: "HandlersLogoutResult", 400: ERROR, 401: ERROR, 500: ERROR},
    "api_auth_refresh_post": {200: "HandlersRefreshTokenResult", 400: ERROR, 401: ERROR, 500: ERROR},
    "api_auth_signup_post": {200: "HandlersUserSignupResult", 400: ERROR, 401: ERROR, 500: ERROR},
    "api_auth_verify_email_send_post": {200: "HandlersSendVerificationEmailResult", 400: ERROR, 500: ERROR},
    "api_auth_verify_email_verify_post": {200: "HandlersVerifyEmailTokenResult", 400: ERROR, 500: ERROR},
    "api_auth_flow_flow_id_complete_post": {200: LOGIN, 400: ERROR, 401: ERROR, 500: ERROR},
}

# Model → member → type, as the document has them; `LOGIN` and its refusal are read by one reader.
MODELS: dict[str, dict[str, str]] = {
    ERROR: {"message": "string", "debug": "string", "code": "integer"},
    LOGIN: {"message": "string", "requireEmailVerification": "boolean", "tokens": "TokensTokens", "flowId": "string"},
    "HandlersUserLoginRefusal": {
        "message": "string",
        "requireEmailVerification": "boolean",
        "code": "integer",
        "debug": "string",
    },
    "HandlersRefreshTokenResult": {"tokens": "TokensTokens"},
    "HandlersLogoutResult": {"success": "boolean", "message": "string"},
    "HandlersUserSignupResult": {"userId": "string", "message": "string"},
    "HandlersSendVerificationEmailResult": {"success": "boolean", "message": "string"},
    "HandlersVerifyEmailTokenResult": {"success": "boolean", "message": "string"},
    "TokensTokens": dict.fromkeys(
        ("session_id", "session_token", "session_token_expiry", "refresh_token", "refresh_token_expiry"), "string"
    ),
    "ModelsOrgCompat": dict.fromkeys(("id", "name", "slug", "description"), "string"),
    "HandlersUserFlowData": {
        **dict.fromkeys(("id", "type", "userId", "email", "returnTo", "createdAt", "expiresAt"), "string"),
        **dict.fromkeys(("mfaRequired", "mfaVerified"), "boolean"),
        "orgs": "array",
    },
}

# Model → what it may leave out; of everything else a client can be sure (contract section 2).
LEFT_OUT: dict[str, set[str]] = {
    LOGIN: {"tokens", "flowId"},
    "TokensTokens": {"refresh_token_expiry"},
    "ModelsOrgCompat": {"description"},
    "HandlersUserFlowData": {"orgs", "returnTo"},
}

OPERATIONS = operations_of(surface)
SCHEMAS: dict[str, Any] = document(surface)["components"]["schemas"]


def _model(answer: dict[str, Any]) -> str:
    return str(answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2])


def test_the_operations_are_the_document_s_in_its_order_and_one_of_our_own() -> None:
    assert list(OPERATIONS) == list(PROMISED)


@pytest.mark.parametrize("operation_id", PROMISED)
def test_method_path_and_parameters_are_the_document_s(operation_id: str) -> None:
    operation = OPERATIONS[operation_id]
    assert (operation.method, operation.path, operation.parameters) == PROMISED[operation_id]


@pytest.mark.parametrize("operation_id", PROMISED)
def test_no_operation_demands_a_bearer(operation_id: str) -> None:
    assert not OPERATIONS[operation_id].demands_bearer


@pytest.mark.parametrize("operation_id", PROMISED)
def test_success_is_exactly_200(operation_id: str) -> None:
    assert OPERATIONS[operation_id].successes == ["200"]


@pytest.mark.parametrize("operation_id", ANSWERS)
def test_every_documented_status_has_the_document_s_model(operation_id: str) -> None:
    responses = OPERATIONS[operation_id].entry["responses"]
    assert {status: _model(responses[str(status)]) for status in ANSWERS[operation_id]} == ANSWERS[operation_id]


@pytest.mark.parametrize("model", MODELS)
def test_a_model_has_the_document_s_members_in_its_types(model: str) -> None:
    properties = SCHEMAS[model]["properties"]
    assert {
        name: shape["$ref"].rpartition("/")[2] if "$ref" in shape else type_of(shape)
        for name, shape in properties.items()
    } == MODELS[model]


@pytest.mark.parametrize("model", MODELS)
def test_what_an_answer_always_has_is_required(model: str) -> None:
    assert set(SCHEMAS[model]["required"]) == set(MODELS[model]) - LEFT_OUT.get(model, set())


def test_no_answer_promises_a_null() -> None:
    answers = [name for name in SCHEMAS if not name.endswith("Data") or name == "HandlersUserFlowData"]
    assert '"null"' not in str([SCHEMAS[name] for name in answers if name != "FlowAnswer"]).replace("'", '"')
