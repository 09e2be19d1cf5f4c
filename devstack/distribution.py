"""Brings Keycloak's distribution, as its makers publish it for Maven."""

import hashlib
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from devstack import children, progress
from devstack.cache import Cache
from devstack.environment import trust_as_the_system_does, variables
from devstack.faults import StackFault

VERSION = "26.7.5"
_SHA256 = "30ef87fb7101c43d29688d1ae80c0588ff4a151b3330e9f664bf9692d398658a"
_GROUP, _ARTIFACT = "org.keycloak", "keycloak-quarkus-dist"
_JGO_FOLDER = "repository"
_FILE = f"{_ARTIFACT}-{VERSION}.zip"


def unpack(cache: Cache, folder: Path) -> None:
    """Put Keycloak's files into the folder.

    Raises:
        StackFault: the distribution cannot be had.
    """
    name = f"distribution-{VERSION}"
    archive = cache.entry(name, _bring) / _FILE
    if not is_genuine(archive):  # of the right length, as the cache has it, but with other bytes
        cache.drop(name)
        archive = cache.entry(name, _bring) / _FILE
    with progress.step(f"Unpacking Keycloak {VERSION}"):
        unzip(archive, folder)


def unzip(archive: Path, folder: Path) -> None:
    """Unpack an archive whose content lies in one top folder, without that folder; scripts stay executable."""
    with zipfile.ZipFile(archive) as packed:
        for member in packed.infolist():
            _, _, inside = member.filename.partition("/")
            if not inside or member.is_dir():
                continue
            target = folder / inside
            target.parent.mkdir(parents=True, exist_ok=True)
            with packed.open(member) as source, target.open("wb") as sink:
                shutil.copyfileobj(source, sink)
            target.chmod(member.external_attr >> 16 & 0o777 or 0o644)


def is_genuine(archive: Path, sha256: str = _SHA256) -> bool:
    """Tell whether the file is the published one, to the last byte."""
    try:
        with archive.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def _bring(folder: Path) -> None:
    target = folder / _FILE
    reasons: list[str] = []
    for source in _sources(folder):
        try:
            found = source()
        except (OSError, RuntimeError, StackFault) as error:
            reasons.append(str(error).partition("\n")[0].removesuffix("; its last words:"))
            continue
        if found and is_genuine(found):
            shutil.copyfile(found, target)
            shutil.rmtree(folder / _JGO_FOLDER, ignore_errors=True)
            return
        reasons.append(f"{found} is not the published file" if found else "")
    raise StackFault(
        f"Keycloak {VERSION} cannot be downloaded ({'; '.join(filter(None, reasons))}): connect to the network and "
        f"start again, or bring {_FILE} here yourself and name it with STACK_KEYCLOAK_ZIP=/path/to/{_FILE}."
    )


def _sources(folder: Path) -> Iterator[Callable[[], Path | None]]:
    named = variables().get("STACK_KEYCLOAK_ZIP")
    if named:
        yield lambda: Path(named).expanduser()
        return
    yield _kept_by_maven
    yield lambda: _by_jgo(folder)
    yield lambda: _by_maven(folder)


def _maven_repository() -> Path:
    return Path(variables().get("M2_REPO") or Path.home() / ".m2" / "repository")


def _kept_by_maven() -> Path | None:
    kept = _maven_repository().joinpath(*_GROUP.split("."), _ARTIFACT, VERSION, _FILE)
    return kept if is_genuine(kept) else None


def _by_jgo(folder: Path) -> Path | None:
    import requests  # noqa: PLC0415 - half a second that only a download needs
    from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415 - the same

    trust_as_the_system_does()
    context = MavenContext(PythonResolver(progress_callback=progress.download), repo_cache=folder / _JGO_FOLDER)
    artifact = context.project(_GROUP, _ARTIFACT).at_version(VERSION).artifact(packaging="zip")
    try:
        return context.resolver.download(artifact)
    except requests.RequestException as error:
        raise RuntimeError(f"no answer from Maven's repository: {type(error).__name__}") from error


def _by_maven(folder: Path) -> Path | None:
    maven = shutil.which("mvn")
    if not maven:
        return None
    with progress.step(f"Downloading Keycloak {VERSION} with mvn"):
        coordinate = f"-Dartifact={_GROUP}:{_ARTIFACT}:{VERSION}:zip"
        command = [maven, "-q", "-B", "dependency:get", "-Dtransitive=false", coordinate]
        children.finished("mvn", command, log=folder / "mvn.log")
    return _kept_by_maven()
