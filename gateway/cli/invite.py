"""`gateway invite`: invitations as operators make them (kestra contract section 4)."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from gateway.cli.commands import cli
from gateway.cli.running import ExitCodes, done
from gateway.domain.invitations import LONGEST_INVITATION, KnownInvitation, Role, RoleOrGroup
from gateway.identity.invitations import InvitationRequest
from gateway.identity.use_cases import Identity
from gateway.settings import Seconds

_CODES = ExitCodes(conflict=3, unknown=4, unavailable=5)
_DURATION = TypeAdapter(Seconds)


def _lifetime(typed: str) -> timedelta:
    try:
        lifetime = _DURATION.validate_python(typed)
    except ValidationError:
        raise typer.BadParameter("must be seconds (`900`) or ISO 8601 (`P7D`)") from None
    if not timedelta(seconds=1) <= lifetime <= LONGEST_INVITATION:
        raise typer.BadParameter("must be between a second and 30 days")
    return lifetime


@cli.command("invite")
def invite(  # noqa: PLR0913 - what can be typed
    email: Annotated[str, typer.Argument(help="Whom; with --revoke also an invitation's id, with --list nobody.")] = "",
    *,
    whom: Annotated[str, typer.Option("--email", help="The same, as an option.")] = "",
    organization: Annotated[str | None, typer.Option(help="Alias of the organization; none without.")] = None,
    role: Annotated[Role, typer.Option(help="In the organization.")] = Role.MEMBER,
    realm_role: Annotated[list[str], typer.Option(help="Role of the realm, by name; may be repeated.")] = [],  # noqa: B006 - typer's way
    group: Annotated[list[str], typer.Option(help="Group of the realm, by id or path; may be repeated.")] = [],  # noqa: B006 - typer's way
    expires: Annotated[
        timedelta | None, typer.Option(parser=_lifetime, help="How long it is good, such as P7D or seconds.")
    ] = None,
    mail: Annotated[bool, typer.Option("--mail/--no-mail", help="Mail it, if there is a mail server.")] = True,
    replace: Annotated[bool, typer.Option("--replace", help="Void an older one instead of leaving it.")] = False,
    list_all: Annotated[bool, typer.Option("--list", help="List the organization's invitations.")] = False,
    revoke: Annotated[bool, typer.Option("--revoke", help="Make the invitation worthless.")] = False,
) -> None:
    """Invite somebody, and print the invitation; it is mailed where there is a mail server."""
    if email and whom:
        raise typer.BadParameter("whom to invite is said twice: as EMAIL and as --email")
    request = InvitationRequest(email or whom, organization, role, realm_role, group)

    async def make(identity: Identity) -> str:
        made = await identity.invitations.make(request, expires, mails=mail, replace=replace)
        return _written(made.known, made.secret, made.link)

    async def show(identity: Identity) -> str:
        return "\n".join(_written(each) for each in await identity.invitations.of(organization))

    async def void(identity: Identity) -> str:
        return f"revoked: {await identity.invitations.revoke(request.email, organization)}"

    if list_all and revoke:
        raise typer.BadParameter("--list and --revoke do not go together")
    command: Callable[[Identity], Awaitable[str]] = show if list_all else void if revoke else make
    if shown := done(command, _CODES):
        typer.echo(shown)


def _written(known: KnownInvitation, secret: str | None = None, link: str | None = None) -> str:
    """Write an invitation on one line; its secret only once, since nobody keeps it."""
    invitation = known.invitation
    told = {
        "id": secret,
        "email": invitation.email,
        "tenantId": invitation.organization_alias,
        "status": known.status.upper(),
        "sentAt": _moment(known.sent_at),
        "expiredAt": _moment(known.expires_at),
        "acceptedAt": _moment(known.accepted_at),
        "roles": [_role_or_group(each) for each in invitation.grants.roles],
        "groups": [_role_or_group(each) for each in invitation.grants.groups],
        "superAdmin": False,
        **({} if link is None else {"link": link}),
        "role": invitation.role,
    }
    return json.dumps(told, ensure_ascii=False)


def _moment(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else f"{datetime.fromtimestamp(milliseconds // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _role_or_group(said: RoleOrGroup) -> dict[str, str]:
    return {"id": said.id, "name": said.name}
