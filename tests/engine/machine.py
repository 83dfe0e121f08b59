"""Processes with their own home directory and Hugging Face hub."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.engine.checkpoint.hub_server import HubServer


@dataclass(frozen=True)
class Machine:
    """A home directory with its own cache, and the hub to use."""

    home: Path
    hub: HubServer

    def run(
        self, program: str, *arguments: str, before: tuple[str, ...] = (), **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """Run Python code in a new process and wait for it; huggingface_hub reads its settings once per process."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "HF_HOME": str(self.home / "hf"),
            "HF_ENDPOINT": self.hub.endpoint,
            **settings,
        }
        command = [*before, sys.executable, "-c", program, *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
