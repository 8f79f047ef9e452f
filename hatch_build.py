"""Build hook: a wheel carries the compiled core where a C compiler is at hand, plain sources where not.

`OPENBOURSE_PURE=1` asks for a plain wheel. Editable installs are left alone: `tools/build_core.py`
compiles in place for them.
"""

import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent))

from tools.build_core import Layout, compile_core, obstacle


class CompiledCore(BuildHookInterface):  # type: ignore[type-arg] # its parameter is of no use to a hook
    """Adds the compiled modules and the record of their sources to a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it packs a wheel of this `version` ("standard" or "editable")."""
        if version == "editable":
            return
        reason = "OPENBOURSE_PURE is set" if os.environ.get("OPENBOURSE_PURE") == "1" else obstacle()
        if reason:
            self.app.display_warning(f"openbourse: the core stays interpreted: {reason}")
            return
        layout = Layout(Path(self.root))
        files = compile_core(layout)
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        for path in files:
            inside = path.relative_to(layout.output)
            build_data["force_include"][str(path)] = inside.as_posix()
