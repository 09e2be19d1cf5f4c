"""Prints what somebody has to type off the newest mail that holds it.

`python -m tests.servers.newest_key FOLDER FORM ADDRESS`: the form is a regular expression, whose first group is what is
typed; the address is whom the mail was sent to.
"""

import re
import sys
import time
from pathlib import Path

from devstack.mails import Mail, for_address

_PATIENCE = 60.0


def _newest(folder: Path, form: re.Pattern[str], address: str) -> str | None:
    keys = [key for mail in for_address(folder, address) for key in Mail.of(mail).keys]
    found = [match[1] for key in keys if (match := form.search(key))]
    return found[-1] if found else None


def main(folder: str, form: str, address: str) -> None:
    """Wait for the mail, and print."""
    deadline = time.monotonic() + _PATIENCE
    while (found := _newest(Path(folder), re.compile(form), address)) is None:
        if time.monotonic() > deadline:
            sys.exit("no such mail has come")
        time.sleep(0.1)
    sys.stdout.write(found)


if __name__ == "__main__":
    main(*sys.argv[1:])
