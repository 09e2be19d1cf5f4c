"""What somebody says of himself who makes an account by invitation (contract section 1.5)."""

import pytest

from tests.surfaces.inviting import Inviting, an_address
from tests.surfaces.kestra.client import CREATE, Kestra, invitation, problems
from tests.surfaces.witness import Witness


@pytest.mark.parametrize("value", [None, "", " \t", "\u3000"])
@pytest.mark.parametrize("name", ["firstName", "lastName", "password"])
def test_what_is_missing_is_named_and_leaves_nobody(
    kestra: Kestra, inviting: Inviting, witness: Witness, name: str, value: str | None
) -> None:
    email = an_address()
    secret = inviting.made(email, "--no-mail")["id"]
    assert problems(kestra.create(secret, **{name: value})).keys() == {name}
    assert witness.accounts(email) == []


def test_null_is_missing_and_all_that_is_missing_is_named(kestra: Kestra, inviting: Inviting) -> None:
    secret = inviting.made(an_address(), "--no-mail")["id"]
    body = {"firstName": None, "lastName": None, "password": None}
    assert problems(kestra.post(f"{CREATE}/{secret}", body)).keys() == set(body)


@pytest.mark.parametrize("text", ["<script>", "A\r\nB", "A\x00B", "x" * 256, "\ud800"])
@pytest.mark.parametrize("name", ["firstName", "lastName"])
def test_a_name_that_is_not_taken_leaves_a_good_invitation(
    kestra: Kestra, inviting: Inviting, witness: Witness, name: str, text: str
) -> None:
    email = an_address()
    secret = inviting.made(email, "--no-mail")["id"]
    assert problems(kestra.create(secret, **{name: text}))
    assert witness.accounts(email) == []
    invitation(kestra.create(secret))


def test_a_name_may_have_255_characters(kestra: Kestra, inviting: Inviting, witness: Witness) -> None:
    email, longest = an_address(), "ü" * 255
    invitation(kestra.create(inviting.made(email, "--no-mail")["id"], firstName=longest, lastName=f" {longest} "))
    (made,) = witness.accounts(email)
    assert (made["firstName"], made["lastName"]) == (longest, longest)


def test_a_name_that_the_realm_refuses_is_named(kestra: Kestra, inviting: Inviting) -> None:
    secret = inviting.made(an_address(), "--no-mail")["id"]
    assert problems(kestra.create(secret, lastName="<b>")).keys() == {"lastName"}
    assert problems(kestra.create(secret, firstName="<b>", lastName="<b>")).keys() == {"firstName", "lastName"}


@pytest.mark.parametrize("password", ["weak", "Aa1!" * 64 + "x"])
def test_a_password_that_is_not_taken_leaves_a_good_invitation(
    kestra: Kestra, inviting: Inviting, witness: Witness, password: str
) -> None:
    email = an_address()
    secret = inviting.made(email, "--no-mail")["id"]
    assert problems(kestra.create(secret, password=password)).keys() == {"password"}
    assert witness.accounts(email) == []
    invitation(kestra.create(secret))


@pytest.mark.parametrize("password", ["  Pässw0rd! 李  ", "Aa1!" * 64])
def test_a_password_is_kept_exactly(kestra: Kestra, inviting: Inviting, witness: Witness, password: str) -> None:
    email = an_address()
    invitation(kestra.create(inviting.made(email, "--no-mail")["id"], password=password))
    assert witness.password_is(email, password)
    assert not witness.password_is(email, password[:-1])


def test_further_members_are_not_bound(kestra: Kestra, inviting: Inviting, witness: Witness) -> None:
    email, role = an_address(), witness.make_role()
    further = {"email": "other@example.test", "username": "other", "emailVerified": True, "roles": [role]}
    invitation(kestra.create(inviting.made(email, "--no-mail")["id"], **further, attributes={"a": ["b"]}))
    (made,) = witness.accounts(email)
    assert (made["username"], made["emailVerified"], made.get("attributes", {})) == (email, False, {})
    assert role not in witness.realm_roles(made["id"])
