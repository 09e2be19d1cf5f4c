"""Whose request it is: the TCP peer, or what a trusted proxy says (security S10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.datastructures import Headers

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ClientAddress:
    """Where a request comes from.

    Attributes:
        counted: what limits count by and the log tells: IPv4 as it is, IPv6 as its /64.
        exact: the address itself; None when there is none.
    """

    counted: str
    exact: str | None = None

    @classmethod
    def of(cls, address: Address) -> "ClientAddress":
        """Read an address; the zone of a link-local one says nothing to anybody else."""
        if isinstance(address, IPv4Address):
            return cls(str(address), str(address))
        network = IPv6Network((int(address), 64), strict=False)
        return cls(str(network.network_address), str(IPv6Address(int(address))))


class ClientAddresses:
    """Tells a client's address, resolved through the trusted proxies."""

    def __init__(self, trusted_proxies: Iterable[Network]) -> None:
        self._trusted = tuple(trusted_proxies)

    def trusts(self, peer: str) -> bool:
        """Say whether a TCP peer is one of the trusted proxies."""
        address = _peer(peer)
        return address is not None and self._is_trusted(address)

    def of(self, peer: str, headers: Headers) -> ClientAddress:
        """Tell the address of a request.

        Args:
            peer: the TCP peer's address.
            headers: the request's; only `X-Forwarded-For` is looked at, and only from a trusted peer. Its right-most
                entry that is no trusted proxy is the client; one that cannot be parsed makes the peer the client.
        """
        direct = _peer(peer)
        if direct is None:
            return ClientAddress(_UNKNOWN)
        if not self._is_trusted(direct):
            return ClientAddress.of(direct)
        return ClientAddress.of(self._forwarded(headers) or direct)

    def _forwarded(self, headers: Headers) -> Address | None:
        entries = ",".join(headers.getlist("x-forwarded-for")).split(",")
        for entry in reversed(entries):
            address = _parsed(entry.strip())
            if address is None or not self._is_trusted(address):
                return address
        return None

    def _is_trusted(self, address: Address) -> bool:
        return any(address in network for network in self._trusted if network.version == address.version)


@lru_cache(maxsize=1024)
def _peer(text: str) -> Address | None:
    """Parse a peer's address; the same few proxies and kept connections come again and again."""
    return _parsed(text)


def _parsed(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
