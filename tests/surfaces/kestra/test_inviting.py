"""What an operator types: `gateway invite` (contract section 4)."""

from datetime import UTC, datetime, timedelta

import pytest

from devstack.children import free_port
from tests.conftest import Mailbox
from tests.servers.people import Organization
from tests.surfaces.conftest import Apart
from tests.surfaces.inviting import Inviting, an_address


def test_an_invitation_is_good_for_a_week(inviting: Inviting) -> None:
    told = inviting.made(an_address(), "--no-mail")
    lasts = datetime.fromisoformat(told["expiredAt"]) - datetime.now(UTC)  # noqa: TID251 - compared with Redis' clock
    assert abs(lasts - timedelta(days=7)) < timedelta(minutes=2)


@pytest.mark.parametrize("by", ["id", "address"])
def test_one_that_is_revoked_is_told_by_its_address(inviting: Inviting, acme: Organization, by: str) -> None:
    email = an_address()
    told = inviting.made(email, "--organization", acme.alias)
    named = (told["id"],) if by == "id" else (email.upper(), "--organization", acme.alias)
    for code, said in ((0, f"revoked: {email}\n"), (4, "")):
        done = inviting(*named, "--revoke")
        assert (done.returncode, done.stdout) == (code, said), done.stderr
    assert inviting("--list", "--organization", acme.alias).stdout == ""


@pytest.mark.parametrize("away", ["KEYCLOAK__URL", "REDIS__URL", "MAIL__PORT"])
def test_what_cannot_be_asked_is_told_and_there_is_no_invitation(
    kestra_apart: Apart, acme: Organization, mailbox: Mailbox, away: str
) -> None:
    variables, email, port = kestra_apart(), an_address(), free_port()
    closed = {"KEYCLOAK__URL": f"http://127.0.0.1:{port}", "REDIS__URL": f"redis://127.0.0.1:{port}/0"}
    cut = {**variables, f"GATEWAY_{away}": closed.get(away, str(port))}
    done = Inviting(cut)(email, "--organization", acme.alias)
    assert (done.returncode, done.stdout) == (5, "")
    assert "cannot be asked" in done.stderr
    assert "Traceback" not in done.stderr
    assert Inviting(variables)("--list", "--organization", acme.alias).stdout == ""
    assert mailbox.count(email) == 0
