"""Owns the PipesHub UserAccount API, `/userAccount/*` and `/saml/*`."""
