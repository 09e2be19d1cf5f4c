"""The cyclos surface is the document's: ids, paths, methods and parameters of Cyclos' AuthApi (contract section 5)."""

from typing import Any

import pytest

from gateway.domain.access_clients import AccessClient
from gateway.domain.accounts import Account, Profile
from gateway.domain.errors import NotDelivered
from gateway.domain.proofs import Proof
from gateway.domain.visits import NameKind, OpaqueSession, Principal, Visitor
from gateway.identity.current_users import CurrentUser, CurrentUserTerms, Standing
from gateway.surfaces.cyclos.answers import Auth
from gateway.surfaces.cyclos.operations import surface
from tests.architecture.promises import Parameters, operations_of, type_of
from tests.architecture.reasons import REASONS, example

_CREDENTIALS: Parameters = {
    "authorization": ("header", "string", False),
    "Principal-Type": ("header", "string", False),
    "Session-Token": ("cookie", "array", False),  # the header of the same name comes before it
    "Session-Prefix": ("header", "string", False),
    "Access-Client-Token": ("header", "string", False),
}
_FIELDS: Parameters = {"fields": ("query", "array", False)}
_COOKIE: Parameters = {"cookie": ("query", "boolean", False)}
_TIMEOUT: Parameters = {"timeoutInSeconds": ("query", "integer", False)}
_MEDIUM: Parameters = {"medium": ("query", "string", True)}
_CONFIRMATION: Parameters = {"confirmationPassword": ("header", "string", False)}
_ACTIVATION: Parameters = {"code": ("query", "string", True), "prefix": ("query", "string", False)}
_USER: Parameters = {"user": ("body", "string", False)}
_CHANGE: Parameters = {
    "key": ("body", "string", False),
    "newPassword": ("body", "string", False),
    "checkConfirmation": ("body", "boolean", False),
    "newPasswordConfirmation": ("body", "string", False),
}

# Operation id → method, path, and parameter → (place, type, required), as the document has them.
PROMISED: dict[str, tuple[str, str, Parameters]] = {
    "getCurrentAuth": ("get", "/api/auth", {**_FIELDS, **_CREDENTIALS}),
    "getDataForLogin": ("get", "/api/auth/data-for-login", {**_FIELDS, **_CREDENTIALS}),
    "login": ("post", "/api/auth/session", {**_FIELDS, **_COOKIE, **_TIMEOUT, **_CREDENTIALS}),
    "logout": ("delete", "/api/auth/session", {**_COOKIE, **_CREDENTIALS}),
    "getSecondaryPasswordInput": ("get", "/api/auth/session/secondary-password", _CREDENTIALS),
    "validateSecondaryPassword": ("post", "/api/auth/session/secondary-password", _CREDENTIALS),
    "newOtp": ("post", "/api/auth/otp", {**_MEDIUM, **_CREDENTIALS}),
    "disconnectCurrentClient": ("delete", "/api/auth/access-client", {**_CREDENTIALS, **_CONFIRMATION}),
    "activateClient": ("post", "/api/clients/activate", {**_ACTIVATION, **_CREDENTIALS}),
    "forgottenPasswordRequest": ("post", "/api/auth/forgotten-password/request", _USER),
    "getDataForChangeForgottenPassword": (
        "get",
        "/api/auth/forgotten-password/data-for-change",
        {**_FIELDS, "key": ("query", "string", True)},
    ),
    "changeForgottenPassword": ("post", "/api/auth/forgotten-password", _CHANGE),
}
REFUSALS = {
    "getCurrentAuth": {401, 403, 422, 503},
    "getDataForLogin": {401, 403, 422, 503},
    "login": {401, 403, 413, 422, 503},
    "logout": {401, 413, 422, 503},
    "getSecondaryPasswordInput": {401, 403, 422, 503},
    "validateSecondaryPassword": {400, 401, 403, 413, 422, 503},
    "newOtp": {401, 403, 413, 422, 500, 503},
    "disconnectCurrentClient": {401, 403, 413, 503},
    "activateClient": {401, 403, 404, 413, 422, 503},
    "forgottenPasswordRequest": {400, 401, 403, 413, 415, 422, 503},
    "getDataForChangeForgottenPassword": {401, 404, 422, 503},
    "changeForgottenPassword": {400, 401, 404, 413, 415, 422, 503},
}
SUCCESSES = {
    "getDataForLogin": ["200", "204"],
    "validateSecondaryPassword": ["204"],
    "forgottenPasswordRequest": ["204"],
    "changeForgottenPassword": ["204"],
}
WHOLE = ("ActivatedAccessClient",)
"""Answers of which no parts can be wanted."""
SENT = ("ChangeForgottenPassword", "ForgottenPasswordRequest")
"""Bodies of requests, in which null stands for what is left out."""
CODES_OF_401 = {
    "login",
    "missingAuthorization",
    "loggedOut",
    "invalidAccessClient",
    "invalidChannelUsage",
    "remoteAddressBlocked",
    "invalidNetwork",
}
CODES_OF_403 = {"invalidPassword", "temporarilyBlocked", "illegalAction", "permissionDenied", "inaccessiblePrincipal"}

_ANN = Profile(
    Account("an-id", "ann", "ann@example.org", enabled=True, email_verified=True),
    first_name="Ann",
    last_name="Bee",
    created_at=0,
    locale=None,
    needs_action=False,
    second_factor=False,
)

_TERMS = CurrentUserTerms({}, frozenset(), (NameKind.USERNAME,), None, "+15550100", "manual")
OPERATIONS = operations_of(surface)


def test_the_operations_are_the_document_s_in_its_order() -> None:
    assert [each for each in OPERATIONS if each != "logoutByAlias"] == list(PROMISED)


@pytest.mark.parametrize("operation_id", PROMISED)
def test_method_path_and_parameters_are_the_document_s(operation_id: str) -> None:
    operation = OPERATIONS[operation_id]
    assert (operation.method, operation.path, operation.parameters) == PROMISED[operation_id]


def test_logging_out_has_an_alias() -> None:
    alias, logout = OPERATIONS["logoutByAlias"], OPERATIONS["logout"]
    assert (alias.method, alias.path) == ("delete", "/api/auth")
    assert alias.parameters == logout.parameters
    assert alias.entry["responses"] == logout.entry["responses"]


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_success_is_what_the_document_has(operation_id: str) -> None:
    assert OPERATIONS[operation_id].successes == SUCCESSES.get(operation_id, ["200"])


def test_logging_out_says_nothing() -> None:
    assert "content" not in OPERATIONS["logout"].entry["responses"]["200"]


@pytest.mark.parametrize("operation_id", REFUSALS)
def test_every_refusal_is_documented(operation_id: str) -> None:
    assert OPERATIONS[operation_id].refusals >= REFUSALS[operation_id]


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.__name__)
def test_a_reason_has_one_of_the_document_s_codes(reason: type[Exception]) -> None:
    form, said = surface.wire_error(reason), _body(reason)
    match form.status:
        case 400 | 408 | 413 | 415:
            assert said["code"] in ("json", "general")
            assert isinstance(said["message"], str)
        case 401:
            assert said["code"] in CODES_OF_401
        case 403:
            assert said["code"] in CODES_OF_403
        case 404:
            assert said.keys() <= {"entityType"}
        case 422:
            assert said["code"] in ("validation", "missingParameter", "dataConversion", "maxItems")
        case status:
            assert status in (405, 500, 503)
            assert said["kind"] == ("otp" if reason is NotDelivered else "general")
            assert isinstance(said["exceptionType"], str)


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.__name__)
def test_only_what_ends_by_itself_tells_when(reason: type[Exception]) -> None:
    form = surface.wire_error(reason)
    assert ("retry-after" in form.response(example(reason)).headers) == (form.status == 503)


def _body(reason: type[Exception]) -> dict[str, Any]:
    said: Any = surface.wire_error(reason).body(example(reason))
    assert isinstance(said, dict)
    return said


def test_every_member_may_be_left_out_and_none_is_ever_null() -> None:
    for name, shape in OPERATIONS["getCurrentAuth"].schemas.items():
        if name not in ("BadRequestError", "GeneralError", *WHOLE) and "code" not in shape.get("properties", {}):
            assert "required" not in shape, name
        assert name in SENT or "null" not in str(shape), name


def test_the_types_are_the_document_s() -> None:
    shape = OPERATIONS["getCurrentAuth"].answer(200)
    kinds = {name: each.get("type", "object") for name, each in shape["properties"].items()}
    assert kinds["global"] == kinds["pendingSecondaryPassword"] == kinds["systemAdministrator"] == "boolean"
    assert kinds["principal"] == kinds["sessionToken"] == "string"
    configuration = OPERATIONS["getCurrentAuth"].resolved(shape["properties"]["configuration"])
    assert type_of(configuration["properties"]["version"]) == "integer"


def _auth(visitor: Visitor, proof: Proof | None) -> dict[str, Any]:
    user = CurrentUser(visitor, _ANN, Standing.MEMBER, administers_all=False)
    return Auth.of(user, proof, _TERMS, "the-token").model_dump(by_alias=True)


@pytest.mark.parametrize(
    ("proof", "mode"),
    [(None, None), (Proof.OTP, "otp"), (Proof.TOTP, "script")],
)
def test_a_second_proof_is_told_to_everybody(proof: Proof | None, mode: str | None) -> None:
    known = _auth(Visitor("an-id", Principal(NameKind.USERNAME, "ann")), proof)
    for said in (known, Auth.of_guest(proof, _TERMS).model_dump(by_alias=True)):
        assert said.get("secondaryPasswordType", {}).get("mode") == mode


@pytest.mark.parametrize("session_id", ["", "the-sid"])
def test_a_session_that_awaits_a_second_proof_says_so(session_id: str) -> None:
    principal = Principal(NameKind.USERNAME, "ann")
    visitor = Visitor("an-id", principal, None, OpaqueSession("an-id", principal, None, None, session_id))
    assert _auth(visitor, Proof.OTP)["pendingSecondaryPassword"] is (session_id == "")


def test_a_program_is_told_as_one() -> None:
    till = AccessClient("the-till", "Till 7", "an-id")
    said = _auth(Visitor("an-id", None, till), None)
    assert said["accessClient"] == {"id": "the-till", "name": "Till 7", "internalName": "Till 7"}
    assert said["principalType"]["internalName"] == "accessClient"
    assert "principal" not in said
