"""Owns the ToanFndtn IAM API, `/api/iam/*`."""
