"""Owns what expires: the only room that speaks to Redis."""
