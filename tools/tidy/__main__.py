"""`python -m tools.tidy`: print every broken house rule; exit 1 if there is one."""

import sys
from pathlib import Path

from tools.tidy.core_bans import check_core
from tools.tidy.rooms import check_rooms
from tools.tidy.sizes import check_docstrings, check_sizes
from tools.tidy.source import Finding, Source, read_all
from tools.tidy.words import check_words

FOLDERS = ["src", "tests", "benchmarks", "tools"]


def check(sources: list[Source]) -> list[Finding]:
    """All findings in a set of sources, by file and line."""
    findings = check_core([source for source in sources if source.in_core])
    for source in sources:
        for rule in (check_sizes, check_docstrings, check_rooms, check_words):
            findings += rule(source)
    return sorted(findings)


def main() -> int:
    """Check this repository."""
    sources = read_all(Path(__file__).resolve().parents[2], FOLDERS)
    findings = check(sources)
    for finding in findings:
        print(finding)
    print(f"tidy: {len(sources)} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
