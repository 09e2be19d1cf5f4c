"""What a new password must be, and that it is taken as it comes (contract section 10)."""

import pytest

from tests.servers.gateway import ServedGateway
from tests.servers.people import Person, PersonMaker
from tests.surfaces.logged import told_of
from tests.surfaces.pipeshub.client import Pipeshub, refusal
from tests.surfaces.pipeshub.people import Letters, asked_link
from tests.surfaces.witness import Witness

_NEW = "An0ther!word"
_WEAK = ["Abcde1!", "abcdefg1!", "ABCDEFG1!", "Abcdefgh!", "Abcdefg1+", "Äbcdefg1", f"Aa1!{'x' * 253}", "Abcdefg1!\n"]
_COMPOSED, _DECOMPOSED = "Zo\u00eb!Passw0rd", "Zoe\u0308!Passw0rd"
_SPELLINGS = {
    "composed": (_COMPOSED, _DECOMPOSED),
    "decomposed": (_DECOMPOSED, _COMPOSED),
    "blank before": (" An0ther!word", "An0ther!word"),
    "blank after": ("An0ther!word ", "An0ther!word"),
    "no blank": ("An0ther!word", "An0ther!word "),
    "no-break space": ("An0ther!\u00a0word", "An0ther! word"),
    "full width": ("An0ther!\uff57ord", "An0ther!word"),
    "zero width": ("An0ther!\u200bword", "An0ther!word"),
    "control character": ("An0ther!\x01word", "An0ther!word"),
    "tab": ("An0ther!\tword", "An0ther! word"),
}
"""What a password is called → the password, and another one that looks like it."""


@pytest.fixture
def person(make_person: PersonMaker) -> Person:
    """Somebody with a password."""
    return make_person()


def _signed_in(pipeshub: Pipeshub, person: Person) -> Pipeshub:
    return pipeshub.bearing(pipeshub.sign_in(person.email, person.password)["accessToken"])


@pytest.mark.parametrize("new", _WEAK)
def test_a_weak_new_password_changes_nothing(pipeshub: Pipeshub, person: Person, witness: Witness, new: str) -> None:
    signed_in = pipeshub.bearing(pipeshub.sign_in(person.email, person.password)["accessToken"])
    refusal(signed_in.change(person.password, new), 400, "VALIDATION_ERROR")
    assert witness.password_is(person.username, person.password)
    assert len(witness.sessions(person.id)) == 1


def test_the_new_password_must_be_another(pipeshub: Pipeshub, person: Person) -> None:
    signed_in = pipeshub.bearing(pipeshub.sign_in(person.email, person.password)["accessToken"])
    refusal(signed_in.change(person.password, person.password), 400, "VALIDATION_ERROR")


def test_of_a_wrong_current_password_and_a_weak_new_one_the_first_is_told(pipeshub: Pipeshub, person: Person) -> None:
    signed_in = pipeshub.bearing(pipeshub.sign_in(person.email, person.password)["accessToken"])
    refusal(signed_in.change("Wr0ng!word", "weak"), 401, "INVALID_CREDENTIALS")
    refusal(signed_in.change(person.password, "weak"), 400, "VALIDATION_ERROR")


@pytest.mark.parametrize("new", ["Abcde1!", "Passw0rd!x"], ids=["weak", "the same"])
def test_a_password_that_breaks_a_rule_is_told(
    pipeshub: Pipeshub, pipeshub_gateway: ServedGateway, person: Person, letters: Letters, new: str
) -> None:
    signed_in = pipeshub.bearing(pipeshub.sign_in(person.email, person.password)["accessToken"])
    link = asked_link(pipeshub, letters, person)
    for answer, event in (
        (signed_in.change(person.password, new), "password_changed"),
        (pipeshub.reset(link, new), "password_set"),
    ):
        refusal(answer, 400, "VALIDATION_ERROR")
        (told,) = told_of(pipeshub_gateway, answer, event)
        assert (told["outcome"], told["reason"], told["account"]) == ("refused", "policy", person.id)


def test_the_document_s_rule_holds_in_a_realm_without_a_policy(
    pipeshub: Pipeshub, person: Person, letters: Letters, witness: Witness
) -> None:
    signed_in, link = _signed_in(pipeshub, person), asked_link(pipeshub, letters, person)
    with witness.realm_with(passwordPolicy=""):
        for weak in _WEAK:
            refusal(signed_in.change(person.password, weak), 400, "VALIDATION_ERROR")
            refusal(pipeshub.reset(link, weak), 400, "VALIDATION_ERROR")
        assert witness.password_is(person.username, person.password)
        assert pipeshub.reset(link, _NEW).status_code == 200
        assert witness.password_is(person.username, _NEW)


def test_what_only_the_realm_s_policy_refuses_may_be_corrected(
    pipeshub: Pipeshub, person: Person, letters: Letters, witness: Witness
) -> None:
    signed_in, link = _signed_in(pipeshub, person), asked_link(pipeshub, letters, person)
    policy = witness.admin.get_realm(witness.realm)["passwordPolicy"]
    with witness.realm_with(passwordPolicy=f"{policy} and length(20)"):
        for answer in (signed_in.change(person.password, _NEW), pipeshub.reset(link, _NEW)):
            message = refusal(answer, 400, "VALIDATION_ERROR")
            assert message == "The new password must have at least 20 characters"
        assert witness.password_is(person.username, person.password)
        assert pipeshub.reset(link, f"{_NEW}-long-enough").status_code == 200
    refusal(pipeshub.reset(link, _NEW), 401, "INVALID_TOKEN")
    assert witness.password_is(person.username, f"{_NEW}-long-enough")


@pytest.mark.parametrize(("password", "other"), _SPELLINGS.values(), ids=_SPELLINGS)
def test_a_password_is_neither_normalised_nor_trimmed(
    pipeshub: Pipeshub, person: Person, letters: Letters, witness: Witness, password: str, other: str
) -> None:
    assert pipeshub.reset(asked_link(pipeshub, letters, person), password).status_code == 200
    assert witness.password_is(person.username, password)
    assert not witness.password_is(person.username, other)
    refusal(pipeshub.by_password(pipeshub.begun(person.email), other), 401, "INVALID_CREDENTIALS")
    signed_in = pipeshub.bearing(pipeshub.sign_in(person.email, password)["accessToken"])
    refusal(signed_in.change(other, _NEW + "x"), 401, "INVALID_CREDENTIALS")
    # Another spelling of the current one is another password.
    assert signed_in.change(password, other).status_code == 200
    assert witness.password_is(person.username, other)
    assert not witness.password_is(person.username, password)
