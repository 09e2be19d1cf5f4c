"""Owns OpenID Connect Back-Channel Logout 1.0: Keycloak's own call when it has ended a session."""
