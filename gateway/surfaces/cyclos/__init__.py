"""Owns the Cyclos AuthApi, `/api/auth*` as far as no other document has it, and `/api/clients/activate`."""
