"""How the stack says that it cannot go on."""


class StackFault(Exception):
    """One sentence for the developer: what is wrong, and what mends it."""
