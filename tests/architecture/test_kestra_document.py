"""The kestra surface is the document's: ids, paths, methods and parameters of Kestra's AuthApi (contract section 1)."""

import pytest

from gateway.surfaces.kestra.operations import surface
from gateway.web.body import FORM, JSON
from tests.architecture.promises import Parameters, operations_of, type_of
from tests.architecture.reasons import REASONS, example

# Operation id → method, path, and parameter → (place, type, required), as the document has them.
PROMISED: dict[str, tuple[str, str, Parameters]] = {
    "accept_invitation": (
        "post",
        "/api/v1/invitation/accept/{invitationId}",
        {"invitationId": ("path", "string", True)},
    ),
    "create_from_invitation": (
        "post",
        "/api/v1/invitation/create/{invitationId}",
        {
            "invitationId": ("path", "string", True),
            "firstName": ("body", "string", True),
            "lastName": ("body", "string", True),
            "password": ("body", "string", True),
        },
    ),
    "forgotten_password": (
        "get",
        "/api/v1/forgotten-password",
        {"username": ("query", "array", True)},  # gathered, so that a second one is noticed
    ),
    "index": ("get", "/api/v1/auths", {}),
    "request_code": ("get", "/api/v1/request-code/{email}", {"email": ("path", "string", True)}),
    "reset_password": (
        "post",
        "/api/v1/reset-password",
        {"token": ("body", "string", True), "password": ("body", "string", True)},
    ),
}
REFUSALS = {
    "accept_invitation": {401, 403, 404, 409, 410, 503},
    "create_from_invitation": {404, 409, 410, 413, 415, 422, 503},
    "create_invitation": {401, 403, 404, 409, 413, 415, 422, 429, 503},
    "forgotten_password": {400, 429, 503},
    "forgotten_password_post": {415, 422, 429, 503},
    "index": {503},
    "request_code": {404, 429, 503},
    "reset_password": {404, 413, 415, 422, 503},
    "login": {401, 413, 415, 422, 429, 503},
}
AUTHS = {"loginPassword": "boolean", "mailsEnabled": "boolean", "passwordless": "boolean", "oauths": "array"}

OPERATIONS = operations_of(surface)


def test_the_operations_are_the_document_s_in_its_order() -> None:
    further = {"forgotten_password_post", "create_invitation", "login"}
    assert [each for each in OPERATIONS if each not in further] == list(PROMISED)
    assert OPERATIONS.keys() >= further


@pytest.mark.parametrize("operation_id", PROMISED)
def test_method_path_and_parameters_are_the_document_s(operation_id: str) -> None:
    operation = OPERATIONS[operation_id]
    assert (operation.method, operation.path, operation.parameters) == PROMISED[operation_id]


@pytest.mark.parametrize("operation_id", [each for each in OPERATIONS if each != "create_invitation"])
def test_no_operation_demands_a_bearer_and_success_is_exactly_200(operation_id: str) -> None:
    operation = OPERATIONS[operation_id]
    assert not operation.demands_bearer
    assert operation.successes == ["200"]


def test_services_need_a_bearer_and_are_told_what_was_done() -> None:
    operation = OPERATIONS["create_invitation"]
    assert operation.demands_bearer
    assert operation.successes == ["201", "204"]
    assert "content" not in operation.entry["responses"]["204"]


@pytest.mark.parametrize("operation_id", REFUSALS)
def test_every_refusal_is_documented_in_the_framework_s_shape(operation_id: str) -> None:
    operation = OPERATIONS[operation_id]
    assert operation.refusals >= REFUSALS[operation_id]
    for status in operation.refusals:
        shape = operation.answer(status)
        assert {"message", "_links"} <= set(shape["required"])
        assert type_of(shape["properties"]["message"]) == "string"
        assert "retry-after" not in {each.lower() for each in operation.headers(status)}


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.__name__)
def test_no_reason_is_told_with_a_header_that_the_client_sleeps_on(reason: type[Exception]) -> None:
    assert "retry-after" not in surface.wire_error(reason).response(example(reason)).headers


def test_the_ways_to_sign_in_have_exactly_the_document_s_members() -> None:
    shape = OPERATIONS["index"].answer(200)
    assert {name: type_of(each) for name, each in shape["properties"].items()} == AUTHS
    assert set(shape["required"]) == set(AUTHS)


def test_the_sign_in_takes_a_form_and_json() -> None:
    assert list(OPERATIONS["login"].entry["requestBody"]["content"]) == [JSON, FORM]
    assert list(OPERATIONS["reset_password"].entry["requestBody"]["content"]) == [JSON]
