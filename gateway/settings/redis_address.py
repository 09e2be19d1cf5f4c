"""Which addresses of Redis are taken: one server, Sentinels or a cluster; encrypted unless it is this machine.

No message repeats any part of an address: what looks like its port may be the half of a password.
"""

import re
from urllib.parse import SplitResult, parse_qs, unquote

from gateway.settings.credentials import require_random
from gateway.settings.values import is_loopback, refuse_blanks, split_address

_PATHS = {
    "unix": re.compile(r"/.+"),
    "": re.compile(r"(/[0-9]{0,5})?"),
    "cluster": re.compile(r"(/0?)?"),
    "sentinel": re.compile(r"/[A-Za-z0-9._-]{1,128}(/[0-9]{0,5})?"),
}
_SHAPES = {
    "unix": "unix:///path/to/socket",
    "": "rediss://host:6379/0",
    "cluster": "rediss+cluster://host1:6379,host2:6379",
    "sentinel": "rediss+sentinel://host1:26379,host2:26379/service/0",
}
_NUMBER = re.compile(r"[0-9]{1,5}")
_SCHEMES = ("redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster")
_PARAMETERS = (
    "db",
    "ssl_ca_certs",
    "ssl_ca_path",
    "ssl_certfile",
    "ssl_keyfile",
    "ssl_password",
    "sentinel_username",
    "sentinel_password",
)
"""Others that redis-py knows would switch off the certificate's verification or undo our time-outs."""
_BY_REDIS = "make one: redis-cli ACL GENPASS"


def check_redis_address(text: str, *, plaintext: bool) -> None:
    """Accept an address.

    Args:
        text: the address.
        plaintext: whether it may lead to another machine without TLS.

    Raises:
        ValueError: with what is allowed.
    """
    refuse_blanks(text)
    scheme, _, rest = text.partition("://")
    if scheme not in _SCHEMES:
        raise ValueError("must begin with one of " + ", ".join(f"{each}://" for each in _SCHEMES))
    kind = "unix" if scheme == "unix" else scheme.partition("+")[2]
    addresses = _addresses(rest, kind)
    _check_path_and_query(addresses[0], kind)
    remote = not all(is_loopback(each.hostname or "") for each in addresses)
    if scheme.partition("+")[0] == "redis" and remote and not plaintext:
        raise ValueError("not encrypted; use rediss, or set GATEWAY_REDIS__INSECURE_PLAINTEXT=true")


def passwords_of(text: str) -> list[str]:
    """Return the different passwords in an address, those of the servers and of the Sentinels, decoded.

    What cannot be read as an address holds none; `check_redis_address` says so.
    """
    authority, _, tail = text.partition("://")[2].partition("/")
    of_servers = unquote(authority.rpartition("@")[0].partition(":")[2])
    of_sentinels = parse_qs(tail.partition("?")[2]).get("sentinel_password", [])
    return [password for password in dict.fromkeys([of_servers, *of_sentinels]) if password]


def check_redis_passwords(text: str) -> None:
    """Demand that the passwords in an address, if there are any, are as good as every other secret (security S44).

    Raises:
        ValueError: with what makes a better one.
    """
    for password in passwords_of(text):
        require_random(password, _BY_REDIS, whose="its password is ")


def _addresses(rest: str, kind: str) -> list[SplitResult]:
    """Return one address for each host, all with the same path and query."""
    authority, slash, tail = rest.partition("/")
    credentials, at, hosts = authority.rpartition("@")
    if set("?#[]/") & set(credentials) or (at and ":" not in credentials):
        raise ValueError("has credentials that cannot be read: they are `user:password@`, percent-encoded")
    if kind == "unix":
        return [split_address(f"//localhost{slash}{tail}")] if not hosts else [split_address("//")]
    addresses = [split_address(f"//{host}{slash}{tail}") for host in hosts.split(",")]
    if not all(each.hostname for each in addresses) or (len(addresses) > 1 and not kind):
        raise ValueError(f"must name its hosts as in {_SHAPES[kind]}")
    return addresses


def _check_path_and_query(address: SplitResult, kind: str) -> None:
    if address.fragment or not _PATHS[kind].fullmatch(address.path):
        raise ValueError(f"must look like {_SHAPES[kind]}; `#`, `?`, `/` and `@` in a password are percent-encoded")
    parameters = parse_qs(address.query, keep_blank_values=True)
    if not set(parameters) <= set(_PARAMETERS):
        raise ValueError("may have no parameters but " + ", ".join(_PARAMETERS))
    if not all(map(_NUMBER.fullmatch, parameters.get("db", []))):
        raise ValueError("has a `db` that is no number")
