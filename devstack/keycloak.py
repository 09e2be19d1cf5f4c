"""Builds Keycloak once, keeps a database with the demo realm in it, and starts from a copy of both."""

import hashlib
import json
import secrets
import shutil
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devstack import children, distribution, java, progress, realm_file
from devstack.admin import Admin
from devstack.cache import Cache
from devstack.children import Child, free_port, running, wait_until
from devstack.environment import REALM_FILE, without_gateway

ADMIN = "admin"
_LAYOUT = 1
"""Counts changes of how entries of the cache are made."""

_JAVA_OPTS = "-XX:MaxMetaspaceSize=300m -Xms128m -Xmx640m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
_START_TIME = 300.0
_POLL = 0.4
"""Keycloak logs a line for each question that comes too early."""
UNUSED = {"GATEWAY_SERVER__PUBLIC_URL": "http://127.0.0.1:8000", "DEMO_SMTP_HOST": "127.0.0.1", "DEMO_SMTP_PORT": "25"}


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a start needs; all of it is in the cache.

    Attributes:
        java: the program.
        server: Keycloak, built.
        database: database with the demo realm, and `secrets.json`.
    """

    java: Path
    server: Path
    database: Path

    @property
    def secrets(self) -> dict[str, str]:
        """The secrets of the demo realm's clients by variable, and `ADMIN_PASSWORD`."""
        known: dict[str, str] = json.loads((self.database / "secrets.json").read_text(encoding="utf-8"))
        return known


@dataclass(frozen=True, slots=True)
class Keycloak:
    """A Keycloak that answers.

    Attributes:
        url: base address.
        admin_password: of `admin` in the master realm.
        child: its process, to freeze or kill; None when it runs in a container.
    """

    url: str
    admin_password: str
    child: Child | None


def prepare(cache: Cache) -> Prepared:
    """Download, build and initialise what is not there yet; instant when it is.

    Raises:
        StackFault: one of these fails.
    """
    program = java.find()
    server = cache.entry(f"server-{distribution.VERSION}-{_LAYOUT}", lambda folder: _build(cache, folder, program))
    database = cache.entry(f"database-{_database_key()}", lambda folder: _initialise(folder, program, server))
    return Prepared(program, server, database)


@contextmanager
def running_keycloak(prepared: Prepared, folder: Path) -> Iterator[Keycloak]:
    """Run Keycloak on a copy of the prepared database until the block ends.

    Args:
        prepared: what to start.
        folder: an empty one for its files and its log.
    """
    shutil.copytree(prepared.database / "h2", folder / "data" / "h2")
    password = prepared.secrets["ADMIN_PASSWORD"]
    with _started("Starting Keycloak", prepared.java, prepared.server, folder) as (url, child):
        yield Keycloak(url, password, child)


def _database_key() -> str:
    digest = hashlib.sha256(REALM_FILE.read_bytes()).hexdigest()[:16]
    return f"{distribution.VERSION}-{digest}-{_LAYOUT}"


def _environment(program: Path) -> dict[str, str]:
    """Return Keycloak's variables; `KC_…` ones of the developer would change what was built."""
    kept = {name: value for name, value in without_gateway().items() if not name.startswith(("KC_", "JAVA"))}
    return kept | {"JAVA": str(program), "JAVA_OPTS": _JAVA_OPTS}


def _build(cache: Cache, folder: Path, program: Path) -> None:
    distribution.unpack(cache, folder)
    with progress.step("Building Keycloak (once, about half a minute)"):
        command = ["/bin/sh", str(folder / "bin" / "kc.sh"), "build", "--db=dev-file", "--health-enabled=true"]
        children.finished("Keycloak's build", command, log=folder / "build.log", environment=_environment(program))


def _initialise(folder: Path, program: Path, server: Path) -> None:
    """Import the demo realm into a database of its own."""
    known = {**realm_file.new_secrets(REALM_FILE), "ADMIN_PASSWORD": secrets.token_urlsafe(24)}
    work = folder / "work"
    work.mkdir()
    bootstrap = {"KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN, "KC_BOOTSTRAP_ADMIN_PASSWORD": known["ADMIN_PASSWORD"]}
    with _started("Making the demo realm (once)", program, server, work, **bootstrap) as (url, _):
        admin = Admin.signed_in(url, ADMIN, known["ADMIN_PASSWORD"])
        admin.post("", realm_file.filled(REALM_FILE, UNUSED | known))
    (work / "data" / "h2").rename(folder / "h2")
    shutil.rmtree(work)
    kept = folder / "secrets.json"
    kept.touch(mode=0o600)
    kept.write_text(json.dumps(known), encoding="utf-8")


@contextmanager
def _started(step: str, program: Path, server: Path, folder: Path, **more: str) -> Iterator[tuple[str, Child]]:
    """Start the built server with `folder` as its home; only `data` is its own, the rest is the cache's."""
    for shared in ("lib", "providers", "themes", "conf"):
        (folder / shared).symlink_to(server / shared)
    shutil.copytree(server / "bin", folder / "bin", ignore=shutil.ignore_patterns("client"))
    port, management = free_port(), free_port()
    command = ["/bin/sh", str(folder / "bin" / "kc.sh"), "start", "--optimized", *options(port, management)]
    with running("Keycloak", command, log=folder / "log", environment=_environment(program) | more) as child:
        with progress.step(step):
            wait_until(child, lambda: is_ready(management), within=_START_TIME, every=_POLL)
        yield f"http://127.0.0.1:{port}", child


def options(port: int, management: int) -> list[str]:
    """Return what a start says besides its database: loopback, no TLS, no cluster."""
    return [
        "--http-enabled=true",
        "--hostname-strict=false",
        "--http-host=127.0.0.1",
        f"--http-port={port}",
        f"--http-management-port={management}",
        "--cache=local",
    ]


def is_ready(management: int) -> bool:
    """Tell whether it is past its start; the public port opens earlier."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{management}/health/ready", timeout=2) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's own number
    except OSError:
        return False
