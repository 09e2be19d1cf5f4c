"""Owns the Kestra AuthApi, `/api/v1/*`, and the `/login` where its mailed codes are used."""
