"""Owns the operations, a file for each topic of the document."""

# In the document's order, since importing one declares its operations.
from gateway.surfaces.cyclos.operations import sessions, secondary_passwords, access_clients, forgotten_password  # isort: skip
from gateway.surfaces.cyclos.declared import NETWORK_PREFIX, surface

__all__ = ["NETWORK_PREFIX", "access_clients", "forgotten_password", "secondary_passwords", "sessions", "surface"]
