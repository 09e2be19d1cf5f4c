"""Owns what the gateway can do for a person; knows no HTTP."""
