"""Owns tokens in compact form: taken apart, and verified by their signer's public keys, whoever that is."""
