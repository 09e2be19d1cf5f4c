"""Owns the conversations with third parties: whoever verifies CAPTCHAs, identity providers, SMS providers."""
