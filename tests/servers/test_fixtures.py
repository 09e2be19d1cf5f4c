"""What every other test relies on."""

import smtplib

import pytest

from tests.conftest import Mailbox, Realm, Stack
from tests.servers.people import OrganizationMaker, PersonMaker


def test_person_exists_in_keycloak_as_asked(realm: Realm, make_person: PersonMaker) -> None:
    person = make_person(enabled=False, totp="a-key-of-twenty-char", required_actions=["UPDATE_PASSWORD"])
    found = realm.admin.get_user(person.id)
    assert found["username"] == person.username
    assert not found["enabled"]
    assert found["totp"]
    assert found["requiredActions"] == ["UPDATE_PASSWORD"]


def test_person_without_password_has_no_credential(realm: Realm, make_person: PersonMaker) -> None:
    assert realm.admin.get_credentials(make_person(password=None).id) == []


def test_organization_has_members_and_a_group_of_admins(
    realm: Realm, make_person: PersonMaker, make_organization: OrganizationMaker
) -> None:
    member, chief = make_person(), make_person()
    organization = make_organization(members=[member], admins=[chief])
    path = f"admin/realms/{realm.name}/organizations/{organization.id}"
    members = {each["id"] for each in realm.admin.connection.raw_get(f"{path}/members").json()}
    assert members == {member.id, chief.id}
    (group,) = realm.admin.connection.raw_get(f"{path}/groups").json()
    assert group["name"] == "admins"
    admins = realm.admin.connection.raw_get(f"{path}/groups/{group['id']}/members").json()
    assert [each["id"] for each in admins] == [chief.id]


def test_mailbox_tells_people_apart(stack: Stack, mailbox: Mailbox, make_person: PersonMaker) -> None:
    ann, bob = make_person(), make_person()
    with smtplib.SMTP(stack.smtp_host, stack.smtp_port) as sender:
        sender.sendmail("from@example.test", [ann.email], f"To: {ann.email}\r\nSubject: hello\r\n\r\nhttp://a.test/x")
    assert mailbox.wait_for(ann.email)["Subject"] == "hello"
    assert mailbox.count(ann.email) == 1
    assert mailbox.count(bob.email) == 0
    with pytest.raises(AssertionError, match="no mail"):
        mailbox.wait_for(bob.email, timeout=0)
