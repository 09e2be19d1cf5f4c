"""Chooses where the gateway listens during development."""

from dataclasses import dataclass

from devstack.children import free_port, is_free
from devstack.faults import StackFault

_PUBLIC, _MANAGEMENT = 8000, 9090


@dataclass(frozen=True, slots=True)
class GatewayPlaces:
    """The gateway's ports on loopback."""

    port: int
    management_port: int

    @property
    def public_url(self) -> str:
        """The address callers use."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def variables(self) -> dict[str, str]:
        """Return the gateway's settings for them."""
        return {
            "GATEWAY_SERVER__PORT": str(self.port),
            "GATEWAY_SERVER__MANAGEMENT_PORT": str(self.management_port),
            "GATEWAY_SERVER__PUBLIC_URL": self.public_url,
            "GATEWAY_SERVER__ALLOWED_HOSTS": "localhost",
        }


def gateway_places(port: int | None = None) -> GatewayPlaces:
    """Choose ports: the usual ones when they are free, others when not.

    Args:
        port: the public port that must be it.

    Raises:
        StackFault: that port is taken.
    """
    if port is not None and not is_free(port):
        raise StackFault(f"Port {port} is taken: stop what listens there, or leave --port out to get a free one.")
    public = port or _usual(_PUBLIC)
    return GatewayPlaces(public, _usual(_MANAGEMENT, but=public))


def _usual(port: int, but: int = 0) -> int:
    # Nobody listens on the other one yet, so the system may give it away once more.
    while port == but or not is_free(port):
        port = free_port()
    return port
