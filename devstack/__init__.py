"""Owns the development stack: a real Keycloak, a real Redis and a mail catcher as child processes."""
