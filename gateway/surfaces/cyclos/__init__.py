"""Owns the Cyclos AuthApi, `/api/auth*` as far as no other document has it, and `/api/clients/activate`."""

# In the document's order, since importing one declares its operations.
from gateway.surfaces.cyclos import secondary_passwords, access_clients, forgotten_password  # isort: skip

__all__ = ["access_clients", "forgotten_password", "secondary_passwords"]
