"""Owns one folder for each documented API; each could be deleted whole."""
