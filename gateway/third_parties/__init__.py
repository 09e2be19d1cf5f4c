"""Owns the conversations with third parties: so far, with whoever verifies CAPTCHAs."""
