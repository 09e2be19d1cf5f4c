"""What is told of invitations to whoever reads the log (security S49)."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import uuid4

import httpx
import pytest

from tests.servers.gateway import ServedGateway
from tests.servers.people import Organization, PersonMaker
from tests.surfaces.inviting import Inviting, an_address
from tests.surfaces.kestra.client import Kestra, invitation
from tests.surfaces.kestra.services import service_token
from tests.surfaces.logged import told_of
from tests.surfaces.witness import Witness

_SERVICE = str(uuid4())


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that can become of invitations."""

    kestra: Kestra
    inviting: Inviting
    make_person: PersonMaker
    organization: Organization
    token: str
    passer_by: str

    def invite(self, email: str, **body: object) -> httpx.Response:
        """Invite somebody, as a service."""
        return self.kestra.invite(self.organization.alias, self.token, email=email, **body)

    def let_in(self, email: str) -> httpx.Response:
        """Let somebody in at once, as a service."""
        return self.invite(email, createUserIfNotExist=True)

    def invited(self, email: str = "") -> str:
        """Return the secret of an operator's invitation."""
        return self.inviting.token(email or an_address(), self.organization.alias)

    def pending(self) -> str:
        """Return an address that is invited."""
        email = an_address()
        self.invited(email)
        return email

    def member(self) -> str:
        """Return the address of a member."""
        return self.make_person(organizations=[self.organization]).email

    def unverified(self) -> str:
        """Return an address that its owner has not shown to be his."""
        return self.make_person(email_verified=False).email

    def user_name(self) -> str:
        """Return an address that is nobody's address, and somebody's user name."""
        email = an_address()
        self.make_person(username=email, email=f"other-{email}")
        return email

    def used(self) -> str:
        """Return the secret of an invitation that was used."""
        secret = self.invited()
        invitation(self.kestra.create(secret))
        return secret


Told = tuple[Callable[[Scene], httpx.Response], str, str]
"""What is done, and the outcome and the reason that are told of it."""


@pytest.fixture
def scene(
    kestra: Kestra,
    inviting: Inviting,
    make_person: PersonMaker,
    acme: Organization,
    inviter: str,
    passer_by: str,
) -> Scene:
    """A scene with an organization of its own."""
    return Scene(kestra, inviting, make_person, acme, inviter, passer_by)


@pytest.fixture(scope="module")
def inviter(kestra_variables: Mapping[str, str]) -> str:
    """The token of a service that acts for somebody."""
    return service_token(kestra_variables, user=_SERVICE)


_OF_SERVICES: dict[str, Told] = {
    "invited": (lambda scene: scene.invite(an_address()), "done", "made"),
    "invited again": (lambda scene: scene.invite(scene.pending()), "refused", "pending"),
    "member invited": (lambda scene: scene.invite(scene.member()), "refused", "unusable"),
    "somebody new let in": (lambda scene: scene.let_in(an_address()), "done", "let_in"),
    "somebody let in": (lambda scene: scene.let_in(scene.make_person().email), "done", "let_in"),
    "invited let in": (lambda scene: scene.let_in(scene.pending()), "refused", "pending"),
    "member let in": (lambda scene: scene.let_in(scene.member()), "refused", "unusable"),
    "unverified let in": (lambda scene: scene.let_in(scene.unverified()), "refused", "unusable"),
    "user name let in": (lambda scene: scene.let_in(scene.user_name()), "refused", "address_taken"),
}
_OF_THE_INVITED: dict[str, Told] = {
    "create unknown": (lambda scene: scene.kestra.create("no-such-invitation"), "refused", "unknown"),
    "create used": (lambda scene: scene.kestra.create(scene.used()), "refused", "used"),
    "create taken": (lambda scene: scene.kestra.create(scene.invited(scene.user_name())), "refused", "address_taken"),
    "create nameless": (lambda scene: scene.kestra.create(scene.invited(), firstName=""), "refused", "person"),
    "create weak": (lambda scene: scene.kestra.create(scene.invited(), password="weak"), "refused", "password"),
    "accept": (lambda scene: scene.kestra.accept(scene.invited(scene.make_person().email)), "done", "accepted"),
    "accept unknown": (lambda scene: scene.kestra.accept("no-such-invitation"), "refused", "unknown"),
    "accept used": (lambda scene: scene.kestra.accept(scene.used()), "refused", "used"),
    "accept as nobody": (lambda scene: scene.kestra.accept(scene.invited()), "refused", "unusable"),
    "accept as another": (lambda scene: scene.kestra.accept(scene.invited(), scene.passer_by), "refused", "rights"),
}


@pytest.mark.parametrize("what", _OF_SERVICES)
def test_what_a_service_does_is_told_with_whom_it_acts_for(
    kestra_gateway: ServedGateway, scene: Scene, what: str
) -> None:
    call, outcome, reason = _OF_SERVICES[what]
    (told,) = told_of(kestra_gateway, call(scene), "invitation")
    assert (told["outcome"], told["reason"], told["actor"]) == (outcome, reason, _SERVICE)
    assert told["account"] != "none"


@pytest.mark.parametrize("what", _OF_THE_INVITED)
def test_what_the_invited_do_is_told(kestra_gateway: ServedGateway, scene: Scene, what: str) -> None:
    call, outcome, reason = _OF_THE_INVITED[what]
    (told,) = told_of(kestra_gateway, call(scene), "invitation")
    assert (told["outcome"], told["reason"], told.get("actor")) == (outcome, reason, None)


def test_accounts_that_are_made_are_told(kestra_gateway: ServedGateway, scene: Scene, witness: Witness) -> None:
    created, let_in = an_address(), an_address()
    answers = {created: scene.kestra.create(scene.invited(created)), let_in: scene.let_in(let_in)}
    for email, answer in answers.items():
        (told,) = told_of(kestra_gateway, answer, "account_created")
        (made,) = witness.accounts(email)
        actor = _SERVICE if email == let_in else None
        assert (told["outcome"], told["reason"]) == ("done", "invitation")
        assert (told["account"], told.get("actor")) == (made["id"], actor)


def test_what_operators_do_is_told(scene: Scene) -> None:
    secret, email = scene.invited(), f"{secrets.token_hex(4)}@example.test"
    typed = [scene.inviting(email, "--no-mail"), scene.inviting(email, "--no-mail"), scene.inviting("--revoke", secret)]
    told = [json.loads(line) for each in typed for line in each.stderr.splitlines() if line.startswith("{")]
    events = [(each["outcome"], each["reason"]) for each in told if each["event"] == "invitation"]
    assert events == [("done", "made"), ("refused", "pending"), ("done", "revoked")]
