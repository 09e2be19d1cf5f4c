"""Owns the identity gateway for Keycloak: an organization's accounts behind plain HTTP calls."""
