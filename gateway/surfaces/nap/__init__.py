"""Owns the NAP auth platform's API document: its operations, its wire shapes and its words for a no."""
