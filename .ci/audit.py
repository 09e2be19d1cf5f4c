"""Ask the package index for known holes in locked requirements.

Ends with 0 when none is known, also where the index cannot be reached, which is told; with 1 when there is one; with 2
when a file cannot be audited for another reason: then the check itself is broken, and must not pass for a good one.
"""

# ruff: noqa: T201, INP001 - a script that talks to whoever runs it

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

_OPTIONS = ("--require-hashes", "--disable-pip", "--progress-spinner", "off", "-f", "json")
# The last line of what pip-audit says when nobody answers, or somebody in trouble; the first two are exceptions.
_UNREACHED = (
    "requests.exceptions.",
    "pip_audit._service.interface.ServiceError",
    "ERROR:pip_audit._cli:Tip: your network",
)
_GOOD, _HOLES, _BROKEN = 0, 1, 2


def main(files: Sequence[str]) -> int:
    """Audit the files; return the worst of what they come to."""
    # Mostly waiting for the index.
    with ThreadPoolExecutor() as pool:
        return max(pool.map(_audited, files), default=_BROKEN)


def _audited(file: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip_audit", "-r", file, *_OPTIONS, "-o", str(report)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
        if report.exists():
            return _told(file, json.loads(report.read_text(encoding="utf-8"))["dependencies"])
    last = (ended.stderr.strip().splitlines() or ["not a word"])[-1]
    if last.startswith(_UNREACHED):
        print(f"{file}: NOT AUDITED, the index cannot be reached ({last.partition(': ')[0]})")
        return _GOOD
    print(f"{file}: CANNOT BE AUDITED, pip-audit ended with {ended.returncode}: {last}")
    return _BROKEN


def _told(file: str, packages: list[dict[str, Any]]) -> int:
    holes = [f"{each['name']} {each['version']}: {hole['id']}" for each in packages for hole in each.get("vulns", [])]
    skipped = [each["name"] for each in packages if "skip_reason" in each]
    lines = [f"{file}: {hole}" for hole in holes]
    lines.append(f"{file}: {len(packages) - len(skipped)} packages audited, {len(holes)} known holes")
    if skipped:
        lines.append(f"{file}: NOT AUDITED, this index has no advisories for {len(skipped)} packages")
    print("\n".join(lines))
    return _HOLES if holes else _GOOD


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
