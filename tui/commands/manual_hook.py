"""Hatch's hook that puts the manual page into the wheel. The build uses it, and leaves it out."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ManualHook(BuildHookInterface[Any]):  # type: ignore[misc]
    """Makes photolala.1 from the parser, before the wheel is packed."""

    def initialize(self, _version: str, build_data: dict[str, Any]) -> None:
        """Write the page, and name the place where it is installed."""
        sys.path.insert(0, self.root)
        try:
            from tui.commands.manual import manual
            from tui.commands.usage import parser
        finally:
            sys.path.remove(self.root)
        page = Path(self.root) / "build" / "photolala.1"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(manual(parser()), "utf-8")
        build_data["shared_data"][str(page)] = "share/man/man1/photolala.1"
