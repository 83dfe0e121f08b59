"""The configuration of this machine's pip, so that images built here get their packages from the same place."""

import ast
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_CERTIFICATES = Path("/etc/ssl/certs")


@dataclass(frozen=True)
class PipSettings:
    """A configuration file with all settings from files and variables, and the `paths` that it names."""

    configuration: str
    paths: tuple[Path, ...]

    @classmethod
    def of_this_machine(cls) -> "PipSettings":
        """Read the settings from pip itself."""
        command = [sys.executable, "-m", "pip", "config", "list"]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        values = {
            match["name"]: str(ast.literal_eval(match["value"]))
            for match in re.finditer(r"^(?:global|install|:env:)\.(?P<name>[\w-]+)=(?P<value>.*)$", listed, re.M)
        }
        lines = ["[global]", *(f"{name} = {value}" for name, value in values.items())]
        said = " ".join(values.values())
        named = {Path(path) for path in re.findall(r"(?:^|\s)(/[\w./-]+)", said)}
        # A local index has its packages in the same directory.
        named |= {Path(path).parent for path in re.findall(r"file://(/[\w./-]+)", said)}
        paths = sorted(path for path in {*named, _CERTIFICATES} if path.exists())
        return cls("\n".join([*lines, ""]), tuple(paths))
