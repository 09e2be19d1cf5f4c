"""Owns the gateway's own mails: what they say, what they look like, and the way to the mail server."""
