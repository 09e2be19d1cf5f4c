"""Owns all speech with Keycloak: endpoints, tokens, signing keys, admin calls; domain values out, never its JSON."""
