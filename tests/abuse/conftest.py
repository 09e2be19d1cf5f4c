import secrets
from collections.abc import Iterator, Mapping

import pytest

from tests.abuse.company import Company, cast_of
from tests.abuse.honest import Cast
from tests.abuse.requests import HOST
from tests.conftest import Stack
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.patience import PATIENT, named
from tests.servers.people import OrganizationMaker, PersonMaker
from tests.surfaces.cyclos.further import activation_code
from tests.surfaces.inviting import Inviting
from tests.surfaces.pipeshub.scoped import SHARED_SECRET

_CLIENTS = 5


@pytest.fixture
def abused_variables(gateway_variables: Mapping[str, str], stack: Stack) -> dict[str, str]:
    """The variables of a gateway of its own, with everything on: behind a proxy, with mails and https.

    Its limits by address are the ordinary ones, so most guesses come to nothing; the lock-out is generous, so that
    the few people here go on to be let in.
    """
    own = {
        "GATEWAY_REDIS__PREFIX": f"{gateway_variables['GATEWAY_REDIS__PREFIX']}{secrets.token_hex(4)}:",
        "GATEWAY_SERVER__PUBLIC_URL": f"https://{HOST}",
        "GATEWAY_SERVER__TRUSTED_PROXIES": "127.0.0.0/8",
        "GATEWAY_LOCKOUT__MAX_FAILURES": "100",
        "GATEWAY_LIMITS__REFUSAL_FLOOR": "0.01",
        "GATEWAY_LIMITS__REFUSAL_JITTER": "0",
        "GATEWAY_MAIL__HOST": stack.smtp_host,
        "GATEWAY_MAIL__PORT": str(stack.smtp_port),
        "GATEWAY_MAIL__SECURITY": "none",
        "GATEWAY_MAIL__FROM_ADDRESS": "noreply@example.test",
        "GATEWAY_KESTRA__PASSWORDLESS": "true",
        "GATEWAY_CYCLOS__CONFIRMATION_PASSWORD": "otp",
        "GATEWAY_SIGN_IN__STEPS": '[["password", "otp"]]',
        "GATEWAY_PIPESHUB__SCOPED_TOKEN_SECRET": SHARED_SECRET,
    }
    return {**gateway_variables, **named(PATIENT), **own}


@pytest.fixture
def abused(abused_variables: Mapping[str, str]) -> Iterator[ServedGateway]:
    """That gateway."""
    with served_gateway(abused_variables) as served:
        yield served


@pytest.fixture
def company(
    make_person: PersonMaker, make_organization: OrganizationMaker, abused_variables: Mapping[str, str]
) -> Company:
    """Two people, and invitations."""
    ann, bob = make_person(), make_person()
    organization = make_organization(members=[ann, bob], admins=[ann])
    invited = [bob.email, *(f"new-{secrets.token_hex(4)}@example.test" for _ in range(3))]
    invitations = [Inviting(abused_variables).token(each, organization.alias) for each in invited]
    activations = [activation_code(abused_variables, ann) for _ in range(_CLIENTS)]
    return Company(organization, ann, bob, invitations, activations)


@pytest.fixture
def cast(abused: ServedGateway, company: Company) -> Cast:
    """What good requests are made of."""
    with abused.client() as http:
        return cast_of(company, http)
