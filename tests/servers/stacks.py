"""The servers that tests run against: those one names, or some that live as long as the run."""

from collections.abc import Iterator
from contextlib import contextmanager

from devstack import background
from devstack.stack import Stack, running_stack


@contextmanager
def stack_for_tests() -> Iterator[Stack]:
    """Use the stack that `STACK_…` variables or `.stack/env` name; run one otherwise."""
    named = background.current()
    if named:
        yield named
        return
    with running_stack() as started:
        yield started
