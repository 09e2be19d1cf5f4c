"""Ask the package index for known holes in locked requirements; fail only on holes that were found."""

# ruff: noqa: T201, INP001 - a script that talks to whoever runs it

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any


def main(requirements: str) -> int:
    """Audit the file; return 1 when one of its packages has a known hole."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        options = ["--require-hashes", "--disable-pip", "--progress-spinner", "off", "-f", "json", "-o", str(report)]
        command = [sys.executable, "-m", "pip_audit", "-r", requirements, *options]
        audited = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
        if not report.exists():
            last = (audited.stderr.strip().splitlines() or ["no answer"])[-1].partition(":")[0]
            print(f"pip-audit: NOT AUDITED, the index did not answer ({last})")
            return 0
        return _told(json.loads(report.read_text(encoding="utf-8"))["dependencies"])


def _told(packages: list[dict[str, Any]]) -> int:
    holes = [f"{each['name']} {each['version']}: {hole['id']}" for each in packages for hole in each.get("vulns", [])]
    skipped = [each["name"] for each in packages if "skip_reason" in each]
    print(*holes, sep="\n", end="\n" if holes else "")
    print(f"pip-audit: {len(packages) - len(skipped)} packages audited, {len(holes)} known holes")
    if skipped:
        print(f"pip-audit: NOT AUDITED, this index has no advisories for {len(skipped)} packages")
    return 1 if holes else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
