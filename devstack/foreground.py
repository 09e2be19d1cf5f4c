"""Runs the stack and the gateway at a terminal."""

import sys
import urllib.request

from devstack.children import Child, running, wait_until
from devstack.environment import PROJECT, without_gateway
from devstack.faults import StackFault
from devstack.first_calls import first_calls
from devstack.ports import GatewayPlaces, gateway_places
from devstack.stack import SCOPED_TOKEN_SECRET, Stack, running_stack

_START_TIME = 60.0
_COMMAND = (sys.executable, "-m", "gateway", "serve")


def run(port: int | None) -> None:
    """Run everything, tell how to call it, and wait until the process is interrupted.

    Args:
        port: the gateway's public port; a free one when left out.

    Raises:
        StackFault: something does not start, or the gateway ends by itself.
    """
    places = gateway_places(port)
    with running_stack(public_url=places.public_url, show_mails=True) as stack:
        variables = {**without_gateway(), **stack.gateway, **places.variables, "GATEWAY_LOG__FORMAT": "console"}
        with running("The gateway", _COMMAND, log=None, environment=variables, folder=PROJECT) as gateway:
            wait_until(gateway, lambda: _answers(places), within=_START_TIME)
            print(_told(stack, places), flush=True)
            _until_it_ends(gateway)


def _answers(places: GatewayPlaces) -> bool:
    try:
        with urllib.request.urlopen(f"{places.public_url}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's own number
    except OSError:
        return False


def _told(stack: Stack, places: GatewayPlaces) -> str:
    lines = [
        "",
        f"Gateway   {places.public_url}   management http://127.0.0.1:{places.management_port}",
        f"Keycloak  {stack.keycloak_url}/admin   {stack.keycloak_admin} / {stack.keycloak_admin_password}",
        f"Redis     {stack.redis_url}",
        f"Services  {stack.gateway[SCOPED_TOKEN_SECRET]}   signs scoped tokens",
        f"Mail      {stack.smtp_host}:{stack.smtp_port}, shown here, kept in {stack.mails}",
        "",
        "A first call for each surface; Ctrl-C stops everything:",
        *(f"\n  {surface}\n  {call}" for surface, call in first_calls(places.public_url).items()),
        "",
    ]
    return "\n".join(lines)


def _until_it_ends(gateway: Child) -> None:
    status = gateway.guard.wait()
    raise StackFault(f"The gateway ended by itself with status {status}; see what it wrote above.")
