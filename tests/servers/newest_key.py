"""Prints what somebody has to type off the newest mail that holds it: `python -m tests.servers.newest_key FOLDER FORM`.

The form is a regular expression; its first group is what is typed.
"""

import re
import sys
import time
from pathlib import Path

from devstack.mails import Mail, kept

_PATIENCE = 20.0


def _newest(folder: Path, form: re.Pattern[str]) -> str | None:
    keys = [key for mail in kept(folder) for key in Mail.of(mail).keys]
    found = [match[1] for key in keys if (match := form.search(key))]
    return found[-1] if found else None


def main(folder: str, form: str) -> None:
    """Wait for the mail, and print."""
    deadline = time.monotonic() + _PATIENCE
    while (found := _newest(Path(folder), re.compile(form))) is None:
        if time.monotonic() > deadline:
            sys.exit("no such mail has come")
        time.sleep(0.1)
    sys.stdout.write(found)


if __name__ == "__main__":
    main(*sys.argv[1:])
