"""CONTRIBUTING names every variable that the stack reads, and no other."""

import re
from dataclasses import fields

from devstack.environment import PROJECT
from devstack.stack import Stack

_NAME = re.compile(r"\bSTACK(?:_[A-Z]+)+\b")
_READ = re.compile(r"""\bget\("(STACK_[A-Z_]+)\"""")


def test_every_variable_of_the_stack_is_documented_and_no_other() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (PROJECT / "devstack").glob("*.py"))
    places = {f"STACK_{each.name.upper()}" for each in fields(Stack) if each.name != "gateway"}
    page = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    # `mails` reads one of the places from the file of a running stack.
    assert set(_NAME.findall(page)) == places | set(_READ.findall(sources))
