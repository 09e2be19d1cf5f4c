"""Owns the Cyclos AuthApi, `/api/auth*` as far as no other document has it, and `/api/clients/activate`."""

from gateway.surfaces.cyclos import access_clients, forgotten_password, secondary_passwords

__all__ = ["access_clients", "forgotten_password", "secondary_passwords"]
