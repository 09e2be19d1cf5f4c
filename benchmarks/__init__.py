"""Owns the figures: what the gateway costs, measured against a real Keycloak and a real Redis."""
