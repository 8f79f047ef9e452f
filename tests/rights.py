"""Running a program that must obey the rights of files, also when the tests run as root."""

import os
import subprocess

# With these two, root may read and enter everything; without them its own files' rights bind it too.
_OVERRIDES = "-dac_override,-dac_read_search"


def bound_by_rights(command: list[str], environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end as an ordinary user would; root needs `setpriv` for that (util-linux)."""
    humbly = []
    if os.geteuid() == 0:
        humbly = ["setpriv", f"--bounding-set={_OVERRIDES}", f"--inh-caps={_OVERRIDES}"]
    return subprocess.run(
        [*humbly, *command], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
