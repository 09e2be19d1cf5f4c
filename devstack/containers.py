"""The same servers out of containers, for those who prefer them: `STACK=docker`."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from docker.errors import DockerException  # type: ignore[import-untyped]  # ships no types
from testcontainers.core.container import DockerContainer

from devstack import distribution, keycloak, progress, realm_file
from devstack.admin import Admin
from devstack.children import accepts, free_port
from devstack.environment import REALM_FILE, variables
from devstack.faults import StackFault
from devstack.keycloak import Keycloak
from devstack.redis_server import Redis

_START_TIME = 300.0
_POLL = 0.5


@contextmanager
def running_containers() -> Iterator[tuple[Redis, Keycloak, dict[str, str]]]:
    """Run Redis and Keycloak with the demo realm until the block ends.

    They use the host's network, so that addresses are those of the stack without containers and Keycloak reaches
    the mail catcher and the gateway on loopback. `STACK_KEYCLOAK_IMAGE` and `STACK_REDIS_IMAGE` name other images.

    Raises:
        StackFault: no container engine answers, or a container does not start.
    """
    known = {**realm_file.new_secrets(REALM_FILE), "ADMIN_PASSWORD": secrets.token_urlsafe(24)}
    with ExitStack() as running:
        try:
            with progress.step("Starting the containers"):
                redis = _start_redis(running)
                server = _start_keycloak(running, known["ADMIN_PASSWORD"])
        except DockerException as error:
            raise StackFault(
                f"STACK=docker needs a container engine, and none answers ({str(error).partition(':')[0]}): "
                "start it, or leave STACK unset to do without."
            ) from error
        admin = Admin.signed_in(server.url, keycloak.ADMIN, server.admin_password)
        admin.post("", realm_file.filled(REALM_FILE, keycloak.UNUSED | known))
        yield redis, server, known


def _start_redis(running: ExitStack) -> Redis:
    port = free_port()
    command = f"redis-server --bind 127.0.0.1 --port {port} --save '' --appendonly no"
    container = DockerContainer(variables().get("STACK_REDIS_IMAGE", "redis:7"), network_mode="host")
    running.enter_context(container.with_command(command))
    _wait("Redis", lambda: accepts(port))
    return Redis(f"redis://127.0.0.1:{port}/0", None)


def _start_keycloak(running: ExitStack, password: str) -> Keycloak:
    port, management = free_port(), free_port()
    image = variables().get("STACK_KEYCLOAK_IMAGE", f"keycloak/keycloak:{distribution.VERSION}")
    container = DockerContainer(image, network_mode="host")
    container.with_env("KC_BOOTSTRAP_ADMIN_USERNAME", keycloak.ADMIN).with_env("KC_BOOTSTRAP_ADMIN_PASSWORD", password)
    command = ["start-dev", "--health-enabled=true", *keycloak.options(port, management)]
    running.enter_context(container.with_command(command))
    _wait("Keycloak", lambda: keycloak.is_ready(management))
    return Keycloak(f"http://127.0.0.1:{port}", password, None)


def _wait(name: str, is_ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _START_TIME
    while not is_ready():
        if time.monotonic() > deadline:
            raise StackFault(f"The container of {name} was not ready within {_START_TIME:g} s; see its log.")
        time.sleep(_POLL)
