"""Passwords, tokens, flow ids, codes and keys are never in the log (security S48), nor readable in Redis (S45)."""

import json
import secrets
from urllib.parse import quote

import redis

from tests.servers.gateway import served_gateway
from tests.servers.generators import KEY, Generator
from tests.servers.people import OrganizationMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.inviting import Inviting
from tests.surfaces.nap.client import Nap, flow_id, refusal, succeeded, tokens, unwrapped, user_id
from tests.surfaces.nap.newcomers import PASSWORD, Letters, newcomer
from tests.surfaces.nap.people import Members
from tests.surfaces.readable import kept_for_ever, kept_under, tokens_in

_WRONG = "Wr0ng!word-to-look-for"
_RETURN_TO = "https://app.example/a-place-to-look-for"


def test_nothing_secret_is_logged_or_readable_in_redis(nap_apart: Apart, members: Members, store: redis.Redis) -> None:
    member, generator, key = members(2, totp=KEY), Generator(), secrets.token_urlsafe(32)
    variables = nap_apart(NAP__MULTITENANCY="true", NAP__API_KEYS=key, LOG__LEVEL="debug")
    with served_gateway(variables) as served, served.client() as client:
        nap = Nap(client, {"X-NAP-API-Key": key})
        refusal(nap.login(member.person.email, _WRONG), 401)
        begun = flow_id(nap.login(*member.credentials, flowReturnTo=_RETURN_TO))
        assert nap.flow(begun).status_code == 200
        kept = kept_under(store, variables["GATEWAY_REDIS__PREFIX"])
        code = generator.code()
        first = tokens(nap.complete(begun, orgId=member.organizations[0].alias, code=code))
        second = tokens(nap.refresh(first["refresh_token"]))
        kept += kept_under(store, variables["GATEWAY_REDIS__PREFIX"])
        assert kept_for_ever(store, variables["GATEWAY_REDIS__PREFIX"]) == []
        nap.logout(second["session_token"])
        log = served.log
    held = [each[kind] for each in (first, second) for kind in ("session_token", "refresh_token")]
    secret = [member.person.password, _WRONG, begun, quote(begun), *held, *map(unwrapped, held), key, _RETURN_TO]
    assert member.person.id in log
    assert not [each for each in (*secret, member.person.email, f'"{code}"') if each in log]
    assert not [each for each in (*secret, member.person.email) if each.encode() in kept]
    assert tokens_in(kept.decode("latin-1")) == []


def test_nothing_of_a_sign_up_is_logged_or_readable_in_redis(
    nap_apart: Apart, make_organization: OrganizationMaker, letters: Letters, store: redis.Redis
) -> None:
    variables = nap_apart(NAP__MULTITENANCY="true", LOG__LEVEL="debug")
    somebody, organization, inviting = newcomer(), make_organization(), Inviting(variables)
    body = somebody.body(firstName="Look-for-this", lastName="And-for-that")
    typed = inviting(somebody.email, "--organization", organization.alias, "--no-mail")
    token = json.loads(typed.stdout)["id"]
    with served_gateway(variables) as served, served.client() as client:
        nap = Nap(client)
        kept = kept_under(store, variables["GATEWAY_REDIS__PREFIX"])
        refusal(nap.signup({**body, "inviteToken": "no-such-invitation-to-look-for"}), 401)
        made = user_id(nap.signup({**body, "inviteToken": token}))
        succeeded(nap.send(somebody.email))
        kept += kept_under(store, variables["GATEWAY_REDIS__PREFIX"])
        assert kept_for_ever(store, variables["GATEWAY_REDIS__PREFIX"]) == []
        link = letters.token(somebody.email)
        succeeded(nap.verify(link))
        log = served.log + typed.stderr
    secret = [PASSWORD, token, link, "to-look-for", "Look-for-this", "And-for-that", somebody.email]
    assert made in log
    assert not [each for each in secret if each in log]
    assert not [each for each in secret if each.encode() in kept]
