"""The whole stack, for a terminal, for tests and for benchmarks."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

from devstack import environment, keycloak, realm_file
from devstack.admin import Admin
from devstack.cache import Cache
from devstack.keycloak import Keycloak
from devstack.mail_catcher import MailCatcher, running_mail_catcher
from devstack.redis_server import Redis, running_redis
from devstack.run_folder import run_folder

REALM = "demo"
PUBLIC_URL = "http://127.0.0.1:8000"
SCOPED_TOKEN_SECRET = "GATEWAY_PIPESHUB__SCOPED_TOKEN_SECRET"  # noqa: S105 - a variable's name


@dataclass(frozen=True, slots=True)
class Stack:
    """Where everything is.

    Attributes:
        keycloak_url: base address of Keycloak; the demo realm's issuer begins with it.
        keycloak_admin: administrator of the master realm.
        keycloak_admin_password: that person's password.
        redis_url: address of Redis.
        smtp_host: host of the mail catcher.
        smtp_port: its port.
        mails: folder of the mails it caught.
        gateway: the `GATEWAY_` variables that serve the demo realm.
    """

    keycloak_url: str
    keycloak_admin: str
    keycloak_admin_password: str
    redis_url: str
    smtp_host: str
    smtp_port: int
    mails: Path
    gateway: Mapping[str, str]

    @property
    def variables(self) -> dict[str, str]:
        """Return everything as variables: `STACK_…` and `GATEWAY_…`."""
        named = {f"STACK_{each.name.upper()}": str(getattr(self, each.name)) for each in fields(self)[:-1]}
        return named | dict(self.gateway)

    @classmethod
    def of(cls, variables: Mapping[str, str]) -> "Stack | None":
        """Read a stack from its variables; None when one is missing."""
        named = {each.name: variables.get(f"STACK_{each.name.upper()}", "") for each in fields(cls)[:-1]}
        if not all(named.values()):
            return None
        gateway = {name: value for name, value in variables.items() if name.startswith("GATEWAY_")}
        port, mails = int(named.pop("smtp_port")), Path(named.pop("mails"))
        return cls(**named, smtp_port=port, mails=mails, gateway=gateway)


@contextmanager
def running_stack(*, public_url: str = PUBLIC_URL, show_mails: bool = False) -> Iterator[Stack]:
    """Run Keycloak with the demo realm, Redis and a mail catcher until the block ends.

    Args:
        public_url: where the gateway will be called; Keycloak sends its back-channel logouts there.
        show_mails: print each mail to the terminal.

    Raises:
        StackFault: something is missing; the text says what mends it.
    """
    with ExitStack() as running:
        folder = running.enter_context(run_folder())
        parts = {name: folder / name for name in ("keycloak", "redis", "mail")}
        for part in parts.values():
            part.mkdir()
        mail = running.enter_context(running_mail_catcher(parts["mail"], show=show_mails))
        if environment.wants_docker():
            from devstack import containers  # noqa: PLC0415 - needs the packages of the test group, and a second

            redis, server, known = running.enter_context(containers.running_containers())
        else:
            prepared = keycloak.prepare(Cache(environment.cache_directory()))
            known = prepared.secrets
            redis = running.enter_context(running_redis(parts["redis"]))
            server = running.enter_context(keycloak.running_keycloak(prepared, parts["keycloak"]))
        yield _set_up(server, redis, mail, known, public_url)


def _set_up(server: Keycloak, redis: Redis, mail: MailCatcher, known: Mapping[str, str], public_url: str) -> Stack:
    """Tell the demo realm where mail and gateway are this time."""
    clients = {name: value for name, value in known.items() if name.startswith("GATEWAY_KEYCLOAK__")}
    places = {"DEMO_SMTP_HOST": mail.host, "DEMO_SMTP_PORT": str(mail.port), "GATEWAY_SERVER__PUBLIC_URL": public_url}
    admin = Admin.signed_in(server.url, keycloak.ADMIN, server.admin_password)
    realm_file.point_to(admin, realm_file.filled(environment.REALM_FILE, clients | places))
    return Stack(
        keycloak_url=server.url,
        keycloak_admin=keycloak.ADMIN,
        keycloak_admin_password=server.admin_password,
        redis_url=redis.url,
        smtp_host=mail.host,
        smtp_port=mail.port,
        mails=mail.mails,
        gateway={
            **gateway_variables(server.url, REALM, clients),
            "GATEWAY_REDIS__URL": redis.url,
            SCOPED_TOKEN_SECRET: secrets.token_urlsafe(32),
            **_mailing(mail),
        },
    )


def _mailing(mail: MailCatcher) -> dict[str, str]:
    return {
        "GATEWAY_MAIL__HOST": mail.host,
        "GATEWAY_MAIL__PORT": str(mail.port),
        "GATEWAY_MAIL__SECURITY": "none",
        "GATEWAY_MAIL__FROM_ADDRESS": "accounts@demo.test",
        "GATEWAY_LINKS__FRONTEND_URL": "https://front-end.demo.test",
        "GATEWAY_KESTRA__PASSWORDLESS": "true",
    }


def gateway_variables(keycloak_url: str, realm: str, client_secrets: Mapping[str, str]) -> dict[str, str]:
    """Return what the gateway must be told to serve a realm, besides its Redis and its ports.

    Args:
        keycloak_url: base address of Keycloak.
        realm: the realm's name.
        client_secrets: by variable, as `realm_file.new_secrets` draws them.
    """
    return {
        "GATEWAY_SECRET_KEYS": secrets.token_urlsafe(32),
        "GATEWAY_KEYCLOAK__URL": keycloak_url,
        "GATEWAY_KEYCLOAK__REALM": realm,
        **client_secrets,
    }
