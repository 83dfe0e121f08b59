"""Images that buildah builds and runs without the daemon of a container engine; every process runs in a chroot."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[2]
BUILD_TIMEOUT = 3600.0


@dataclass(frozen=True)
class Layer:
    """The layer that one instruction of a Dockerfile adds."""

    instruction: str
    size: int  # bytes


class Buildah:
    """A separate store of images in `directory`; `volumes` are mounted while images are built."""

    def __init__(self, directory: Path, volumes: Mapping[Path, str]) -> None:
        self._directory = directory
        self._volumes = [f"--volume={path}:{inside}:ro" for path, inside in volumes.items()]

    def run(self, *arguments: str, timeout: float = BUILD_TIMEOUT, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a command of buildah; if it fails, raise an error with its output."""
        done = subprocess.run(
            self.command(*arguments), capture_output=True, text=True, timeout=timeout, check=False, **options
        )
        if done.returncode:
            raise AssertionError(
                f"buildah {' '.join(arguments[:2])} failed:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
            )
        return done

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of a command of buildah."""
        storage = [f"--root={self._directory / 'root'}", f"--runroot={self._directory / 'run'}"]
        return ["buildah", *storage, *arguments]

    def build(self, dockerfile: str, tag: str, context: Path = PROJECT, **arguments: str) -> str:
        """Build an image of the project, or of another `context`, and return the output.

        Existing layers are used again.
        """
        given = [f"--build-arg={name}={value}" for name, value in arguments.items()]
        # Docker's format, because OCI's has no health check.
        options = ["--isolation=chroot", "--format=docker", "--layers", *self._volumes, *given]
        return self.run("build", *options, f"--file={context / dockerfile}", f"--tag={tag}", str(context)).stdout

    def import_archive(self, archive: Path, tag: str) -> None:
        """Make an image of the files in a tar archive."""
        self._add("scratch", archive, tag)

    def add_directory(self, base: str, root: Path, tag: str) -> None:
        """Make an image from another one, with the files below `root` added."""
        self._add(base, root, tag)

    def _add(self, base: str, content: Path, tag: str) -> None:
        container = self.run("from", base).stdout.strip()
        self.run("add", container, str(content), "/")
        self.run("commit", "--format=docker", "--rm", container, tag)

    def configuration(self, image: str) -> dict[str, Any]:
        """Return the configuration with which the image is to be run."""
        found: dict[str, Any] = json.loads(self.run("inspect", "--type=image", image).stdout)["Docker"]["config"]
        return found

    def layers(self, image: str) -> list[Layer]:
        """Return the layers of an image with their sizes on disk, the lowest first."""
        inspected = json.loads(self.run("inspect", "--type=image", image).stdout)
        digests = inspected["Docker"]["rootfs"]["diff_ids"]
        stored = json.loads((self._directory / "root" / "overlay-layers" / "layers.json").read_text())
        sizes = {layer["diff-digest"]: layer["diff-size"] for layer in stored if "diff-digest" in layer}
        made = [each["created_by"] for each in inspected["Docker"]["history"] if not each.get("empty_layer")]
        return [Layer(by, sizes[digest]) for by, digest in zip(made, digests, strict=True)]

    def packages(self, image: str) -> set[str]:
        """Return the names of the Python packages in an image."""
        container = self.run("from", image).stdout.strip()
        try:
            root = Path(self.run("mount", container).stdout.strip())
            return {folder.name.partition("-")[0].lower() for folder in root.glob("usr/**/*.dist-info")}
        finally:
            self.run("rm", container)

    def command_in(
        self, container: str, command: Sequence[str], environment: Mapping[str, str], volumes: Mapping[Path, str]
    ) -> list[str]:
        """Return the command line that runs `command` in a container as the image's user, on this machine's network."""
        variables = [f"--env={name}={value}" for name, value in environment.items()]
        mounts = [f"--volume={path}:{inside}" for path, inside in volumes.items()]
        return self.command("run", "--isolation=chroot", *variables, *mounts, container, "--", *command)
