"""The pipeshub surface is the document's: ids, paths, methods and parameters of PipesHub UserAccount 0.0.3."""

import pytest

from gateway.surfaces.pipeshub.operations import surface
from tests.architecture.promises import Parameters, operations_of, type_of

_CAPTCHA = {"cf-turnstile-response": ("body", "string", False)}
_EMAIL = {"email": ("body", "string", True)}

# Operation id → method, path, and parameter → (place, type, required), as the document has them.
PROMISED: dict[str, tuple[str, str, Parameters]] = {
    "initAuth": ("post", "/userAccount/initAuth", _EMAIL),
    "authenticate": (
        "post",
        "/userAccount/authenticate",
        {
            "x-session-token": ("header", "string", False),  # missing is a 401, not a 400 (contract section 3)
            "method": ("body", "string", True),
            "credentials": ("body", "object or string", True),
            "email": ("body", "string", False),
            **_CAPTCHA,
        },
    ),
    "generateLoginOtp": ("post", "/userAccount/login/otp/generate", _EMAIL | _CAPTCHA),
    "resetPassword": (
        "post",
        "/userAccount/password/reset",
        {"currentPassword": ("body", "string", True), "newPassword": ("body", "string", True), **_CAPTCHA},
    ),
    "forgotPassword": ("post", "/userAccount/password/forgot", _EMAIL | _CAPTCHA),
    "resetPasswordWithToken": ("post", "/userAccount/password/reset/token", {"password": ("body", "string", True)}),
    "checkPasswordStatus": ("get", "/userAccount/internal/password/check", {}),
    "refreshToken": ("post", "/userAccount/refresh/token", {}),
    "logout": ("post", "/userAccount/logout/manual", {}),
}
BEARING = {"resetPassword", "resetPasswordWithToken", "checkPasswordStatus", "refreshToken", "logout"}

# What the document's client turns into its own `AuthError`, so what has to be documented (contract section 3).
AUTH_ERRORS = {
    "initAuth": {400, 403, 404},
    "authenticate": {400, 401, 403, 404, 410},
    "generateLoginOtp": {400, 403, 404},
    "resetPassword": {400},
    "resetPasswordWithToken": {400},
    "refreshToken": {401, 404},
}
ERROR = {"error": "string", "message": "string", "code": "string", "statusCode": "integer"}

OPERATIONS = operations_of(surface)


def test_the_operations_are_the_document_s_in_its_order() -> None:
    assert [each for each in OPERATIONS if OPERATIONS[each].path.startswith("/userAccount/")] == list(PROMISED)


@pytest.mark.parametrize("operation_id", PROMISED)
def test_method_path_and_parameters_are_the_document_s(operation_id: str) -> None:
    operation = OPERATIONS[operation_id]
    assert (operation.method, operation.path, operation.parameters) == PROMISED[operation_id]


@pytest.mark.parametrize("operation_id", PROMISED)
def test_only_the_document_s_operations_demand_a_bearer(operation_id: str) -> None:
    operation = OPERATIONS[operation_id]
    assert operation.demands_bearer == (operation_id in BEARING)
    if operation.demands_bearer:
        assert 401 in operation.refusals


@pytest.mark.parametrize("operation_id", PROMISED)
def test_success_is_exactly_200(operation_id: str) -> None:
    assert OPERATIONS[operation_id].successes == ["200"]


def test_the_token_of_a_sign_in_is_promised_where_one_begins_and_nowhere_else() -> None:
    sending = {each: OPERATIONS[each].headers(200) for each in PROMISED}
    assert {each: headers for each, headers in sending.items() if headers} == {"initAuth": {"x-session-token"}}


@pytest.mark.parametrize("operation_id", AUTH_ERRORS)
def test_what_the_client_takes_for_its_own_error_is_documented_in_its_shape(operation_id: str) -> None:
    operation = OPERATIONS[operation_id]
    assert operation.refusals >= AUTH_ERRORS[operation_id]
    for status in AUTH_ERRORS[operation_id]:
        flat, nested = (operation.resolved(each)["properties"] for each in operation.answer(status)["anyOf"])
        assert {name: type_of(shape) for name, shape in flat.items()} == ERROR
        detail = operation.resolved(nested["error"])["properties"]
        assert detail.keys() == {"code", "message", "metadata"}
