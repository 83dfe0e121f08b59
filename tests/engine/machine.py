"""A machine of its own for a test, as far as the Hugging Face hub is concerned."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.engine.checkpoint.hub_server import HubServer


@dataclass(frozen=True)
class Machine:
    """A home with a cache of its own, and the hub it is told to use."""

    home: Path
    hub: HubServer

    def run(
        self, program: str, *arguments: str, before: tuple[str, ...] = (), **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """Run Python code in a process of its own, as huggingface_hub reads its settings once; to its end."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "HF_HOME": str(self.home / "hf"),
            "HF_ENDPOINT": self.hub.endpoint,
            **settings,
        }
        command = [*before, sys.executable, "-c", program, *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
