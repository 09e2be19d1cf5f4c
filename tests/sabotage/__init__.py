"""Owns the faults that are put into the product on purpose, to see whether the tests notice."""
