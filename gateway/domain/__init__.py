"""Owns our vocabulary: accounts, callers, organizations, tokens and the reasons for a no; pure data."""
