"""What a fault is: a small patch of the product that at least one test has to notice."""

from dataclasses import dataclass
from pathlib import Path


class FaultOutdated(ValueError):
    """The product has changed, so that the patch does not fit it any more."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A mistake that a hurried change could make.

    Attributes:
        name: a few words of the field.
        requirement: what of it is broken, by its number, such as `S23`.
        file: where, below `gateway/`.
        stands: the text that stands there, once.
        becomes: what the mistake makes of it.
        noticed_by: tests, as `file::test` below `tests/`; at least one of them must fail.
    """

    name: str
    requirement: str
    file: str
    stands: str
    becomes: str
    noticed_by: tuple[str, ...]

    def patched(self, source: str) -> str:
        """Make the mistake in the text of the file.

        Raises:
            FaultOutdated: what it is made in does not stand there exactly once.
        """
        times = source.count(self.stands)
        if times != 1:
            raise FaultOutdated(f"{self.name}: its text stands {times} times in gateway/{self.file}")
        return source.replace(self.stands, self.becomes)

    def put_into(self, tree: Path) -> None:
        """Make the mistake in a copy of the tree; raises as `patched`."""
        file = tree / "gateway" / self.file
        file.write_text(self.patched(file.read_text(encoding="utf-8")), encoding="utf-8")
