"""Owns how calls to others are sent over HTTP: what travels with one, how often it is tried, how much is read."""
