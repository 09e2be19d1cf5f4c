"""Owns the HTTP machinery that all surfaces share: declared operations, routing, health, logs and metrics."""
