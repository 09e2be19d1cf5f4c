"""The people who are abused, and what good requests about them are made of."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from tests.abuse.honest import Cast
from tests.servers.people import Organization, Person
from tests.surfaces.cyclos.client import Cyclos, basic, token_of
from tests.surfaces.cyclos.further import activated
from tests.surfaces.nap.client import wrapped
from tests.surfaces.pipeshub.client import Pipeshub
from tests.surfaces.pipeshub.scoped import minted
from tests.surfaces.toan.client import NOBODY, Toan

_SESSIONS = 8
_NEW = "N3w!password"
_WRONG = "Wr0ng!word"
_FORGED = "e30.e30.e30"
_LOGOUT_OF_TOAN = "logout_user_api_iam_logout_post"
_SIGN_UP = "api_auth_signup_post"
_INVITING = "create_invitation"
_CHANGE_OF_TOAN = "change_password_api_iam_password_change_post"


@dataclass(frozen=True, slots=True)
class Company:
    """An organization.

    Attributes:
        ann: administers it; no request that is good would change her password or end her first sessions.
        bob: another member.
        invitations: good ones, to the organization: for newcomers, and one for bob.
        activations: codes for access clients of ann's.
    """

    organization: Organization
    ann: Person
    bob: Person
    invitations: Sequence[str]
    activations: Sequence[str]


def cast_of(company: Company, http: httpx.Client) -> Cast:
    """Sign ann in, often, and write down what requests may say.

    What must outlast the run is never ended by a good request, nor by one that is spoiled a little: sign-outs have
    sessions of their own, and a right current password meets a new one that is far from good.
    """
    ann, bob = company.ann, company.bob
    signed_in = [Toan(http).sign_in(ann.username, ann.password) for _ in range(2 * _SESSIONS)]
    kept, spare = signed_in[:_SESSIONS], signed_in[_SESSIONS:]
    begun = [Pipeshub(http).begun(ann.email) for _ in range(3 * _SESSIONS)]
    access, refresh = kept[0].access_token, kept[0].refresh_token
    return Cast(
        host=http.base_url.netloc.decode(),
        values={
            **_of_visitors(company, Cyclos(http)),
            **dict.fromkeys(("user", "username"), (ann.username, ann.email, bob.username, "nobody", "nobody@x.yz")),
            **dict.fromkeys(("password", "currentPassword"), (ann.password, ann.password, ann.password, _WRONG)),
            **dict.fromkeys(
                ("refresh_token", "logout_token"), (*(each.refresh_token for each in kept), access, _FORGED)
            ),
            f"{_LOGOUT_OF_TOAN}.refresh_token": (*(each.refresh_token for each in spare), access, _FORGED),
            f"{_CHANGE_OF_TOAN}.current_password": (_WRONG,),
            "new_password": (_NEW, _NEW, "weak"),
            "newPassword": ("weak", "no-better"),
            "email": (ann.email, bob.email, "nobody@example.test", "nobody"),
            "authenticate.email": (None, None, ann.email, bob.email),
            f"{_SIGN_UP}.email": (ann.email, bob.email, "nobody"),
            **dict.fromkeys((f"{_SIGN_UP}.password", "confirmPassword"), (_NEW, _NEW, _NEW, "weak")),
            **dict.fromkeys(("firstName", "lastName"), ("Zoë", "李", "<b>")),
            "inviteToken": (None, None, _FORGED),
            "X-NAP-Session-Token": (*(wrapped(each.access_token) for each in spare), wrapped(_FORGED), "x"),
            "X-NAP-Refresh-Token": (wrapped(_FORGED), wrapped(access), "x"),
            "remember_me": (True, False, None),
            "method": ("password", "password", "password", "otp", "samlSso"),
            "credentials": ({"password": ann.password}, {"password": _WRONG}, {"otp": "123456"}, "x"),
            "x-org": (company.organization.alias, company.organization.id, company.organization.alias, "nowhere"),
            "x-org-override": (company.organization.alias, ""),
            "x-session-token": begun,
            "user_id": (bob.id, bob.id, NOBODY, "x"),
            "invitationId": (*company.invitations, "x"),
            "create_from_invitation.password": (_NEW, _NEW, "weak"),
            "tenant": (company.organization.alias, "main", "main", "nowhere"),
            f"{_INVITING}.email": (*(f"invited-{secrets.token_hex(4)}@example.test" for _ in range(20)), "nobody"),
            "roles": (None, None, [{"id": "offline_access"}], [{"id": "nothing"}]),
            "groups": (None, None, [], ["/nowhere"]),
            "superAdmin": (None, False, False, True),
            "createUserIfNotExist": (None, False, True),
        },
        bearers={
            "logout": [*(each.access_token for each in spare), refresh],
            "refreshToken": [*(each.refresh_token for each in kept), access],
            "resetPasswordWithToken": [minted("password:reset", bob.id), minted("fetch:config", bob.id), access],
            _INVITING: [*[minted("invitation:create", "a-service")] * 3, minted("fetch:config", bob.id), access],
            "checkPasswordStatus": [*(minted("fetch:config", each) for each in (bob.id, NOBODY, "x")), access],
        },
        access_tokens=[*(each.access_token for each in kept), refresh, _FORGED],
    )


def _of_visitors(company: Company, cyclos: Cyclos) -> dict[str, Sequence[object]]:
    """Write down what is said by who comes by a token of ours, by a program's, or by a password each time."""
    ann = company.ann
    sessions = [token_of(cyclos.login(ann.username, ann.password)) for _ in range(2 * _SESSIONS)]
    kept, spare = sessions[:_SESSIONS], sessions[_SESSIONS:]
    clients = [str(activated(cyclos, ann, code).json()["token"]) for code in company.activations[:2]]
    named = basic(ann.username, ann.password)["authorization"]
    return {
        "authorization": (
            named,
            named,
            basic(ann.username, _WRONG)["authorization"],
            "Basic Og==",
            f"Bearer {_FORGED}",
        ),
        "Principal-Type": ("username", "*", "email", "mobilePhone", "x"),
        "Session-Token": (*kept, kept[0][:32], "x" * 64),
        **dict.fromkeys(("logout.Session-Token", "logoutByAlias.Session-Token"), (*spare, "x" * 64)),
        "Session-Prefix": (kept[0][:32], "x"),
        "Access-Client-Token": (clients[0], clients[0], "x"),
        "disconnectCurrentClient.Access-Client-Token": (clients[1], "x"),
        "confirmationPassword": ("x", _WRONG),
        "fields": ("user", "-permissions", "configuration.id,user.-display", "nope", "a..b"),
        # A half of a token in a cookie would be none of the headers that every answer may have.
        "cookie": ("False", "0", "maybe"),
        "timeoutInSeconds": ("60", "999999999999", "0", "soon"),
        "medium": ("email", "sms", "pigeon"),
        "activateClient.code": (*company.activations[2:], "AAAAAAAAAAAA"),
        "prefix": ("", "Till ", "~"),
        "key": ("x" * 43, "x"),
    }
