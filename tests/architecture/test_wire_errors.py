"""Every reason has a wire form in every surface, and the form is the one the document promises."""

import json

import pytest

from gateway import app
from gateway.domain import errors
from gateway.web import refusals
from gateway.web.surface import Surface, WireError
from tests.architecture.reasons import REASONS, example

EVERY = [(surface, reason) for surface in app.SURFACES for reason in REASONS]
IDS = [f"{surface.name}-{reason.__name__}" for surface, reason in EVERY]
OF_HTTP = {
    refusals.HostNotAllowed: {400},
    refusals.UnknownPath: {404},
    refusals.MethodNotAllowed: {405},
    refusals.BodyTooSlow: {408},
    refusals.BodyTooLarge: {413},
    refusals.InvalidRequest: {400, 422},
    refusals.InvalidBody: {400, 422},
    refusals.UnsupportedMediaType: {400, 415, 422},
    errors.Unavailable: {500, 503},
}


@pytest.mark.parametrize(("surface", "reason"), EVERY, ids=IDS)
def test_a_reason_has_a_form_of_its_own(surface: Surface, reason: type[Exception]) -> None:
    assert surface.wire_error(reason) is not surface.errors[Exception]


@pytest.mark.parametrize(("surface", "reason"), EVERY, ids=IDS)
def test_a_form_is_a_refusal_in_the_shape_the_document_promises(surface: Surface, reason: type[Exception]) -> None:
    form = surface.wire_error(reason)
    answer = form.response(example(reason))
    assert answer.status_code >= 400
    assert answer.media_type == "application/json"
    said = form.model.model_validate_json(bytes(answer.body))
    assert json.loads(bytes(answer.body)).keys() == said.model_dump(exclude_unset=True, by_alias=True).keys()


@pytest.mark.parametrize("surface", app.SURFACES, ids=lambda surface: surface.name)
def test_the_unexpected_is_a_500_that_says_nothing(surface: Surface) -> None:
    answer = surface.errors[Exception].response(RuntimeError("kept to ourselves"))
    assert answer.status_code == 500
    assert b"kept to ourselves" not in answer.body


@pytest.mark.parametrize("surface", app.SURFACES, ids=lambda surface: surface.name)
@pytest.mark.parametrize("reason", OF_HTTP, ids=lambda reason: reason.__name__)
def test_reasons_of_http_have_the_status_of_http(surface: Surface, reason: type[Exception]) -> None:
    assert surface.wire_error(reason).status in OF_HTTP[reason]


@pytest.mark.parametrize("surface", app.SURFACES, ids=lambda surface: surface.name)
def test_no_row_is_for_something_that_is_no_reason(surface: Surface) -> None:
    families = (errors.GatewayError, refusals.Refusal)
    assert not [each for each in surface.errors if each is not Exception and not issubclass(each, families)]


@pytest.mark.parametrize("surface", app.SURFACES, ids=lambda surface: surface.name)
def test_what_closes_a_connection_closes_it_in_every_surface(surface: Surface) -> None:
    for reason in (refusals.BodyTooLarge, refusals.BodyTooSlow):
        assert surface.wire_error(reason).response(example(reason)).headers["connection"] == "close"
    not_allowed = surface.wire_error(refusals.MethodNotAllowed).response(example(refusals.MethodNotAllowed))
    assert not_allowed.headers["allow"] == "GET, POST"


@pytest.mark.parametrize("module", [errors, refusals], ids=lambda module: module.__name__)
def test_every_reason_stands_in_the_tree_at_the_top_of_its_file(module: object) -> None:
    here = [each for each in REASONS if each.__module__ == getattr(module, "__name__", "")]
    assert here
    assert not [each.__name__ for each in here if each.__name__ not in (module.__doc__ or "")]


def test_a_reason_without_a_row_is_noticed() -> None:
    broken = WireError(500, "broken", lambda _: {}, app.SURFACES[0].errors[Exception].model)
    forgetful = Surface("forgetful", "Forgetful", "1", "/forgetful", {Exception: broken})
    assert {forgetful.wire_error(reason) for reason in REASONS} == {broken}
