"""A running container."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.images.buildah import Buildah
from tests.launch.processes import ProcessSnapshot, descendants

_WRITABLE = {"tmp", "checkpoints", "dev", "proc", "sys", "run", "etc"}
"""Paths that are not part of the image at run time: volumes, the kernel's file systems, and generated files in /etc."""

_SERVER = re.compile(r"/opt/tritonserver/bin/tritonserver .*|(/usr/bin/)?python3 -m proxy")


class Container:
    """A container that runs an image's own command as the image's user, on this machine's network."""

    def __init__(
        self,
        buildah: Buildah,
        image: str,
        log: Path,
        environment: Mapping[str, str],
        volumes: Mapping[Path, str],
    ) -> None:
        self._buildah = buildah
        self._configuration = buildah.configuration(image)
        self._environment = environment
        self._volumes = volumes
        self._log = log
        self._name = buildah.run("from", image).stdout.strip()
        self._root = Path(buildah.run("mount", self._name).stdout.strip())
        self._files = self._snapshot()
        with log.open("wb") as output:
            command = self._command(self._configuration["Cmd"])
            self._process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def is_running(self) -> bool:
        """Whether its command runs; if it has ended, fail with its log."""
        assert self._process.poll() is None, self.log
        return True

    def healthy(self) -> bool:
        """Whether the image's own health check succeeds."""
        check = self._command(self._configuration["Healthcheck"]["Test"][1:])
        return subprocess.run(check, capture_output=True, check=False, timeout=90).returncode == 0

    def user(self) -> int:
        """The user id of the server's process."""
        return os.stat(f"/proc/{self._server().pid}").st_uid

    def written(self) -> set[str]:
        """The files that were written in directories that may be read-only."""
        return {path for path, state in self._snapshot().items() if self._files.get(path) != state}

    def stop(self) -> int:
        """Stop it as a container engine does; return its exit status."""
        os.kill(self._server().pid, signal.SIGTERM)
        return self._process.wait(90)

    def remove(self) -> None:
        """Remove the container and its files."""
        for each in descendants(self._process.pid):
            each.kill()
        self._process.kill()
        self._process.wait()
        self._buildah.run("rm", self._name)

    def _server(self) -> ProcessSnapshot:
        (found,) = [each for each in descendants(self._process.pid) if _SERVER.fullmatch(each.command)]
        return found

    def _command(self, command: list[str]) -> list[str]:
        return self._buildah.command_in(self._name, command, self._environment, self._volumes)

    def _snapshot(self) -> dict[str, tuple[int, int]]:
        return dict(self._states())

    def _states(self) -> Iterator[tuple[str, tuple[int, int]]]:
        for folder, folders, files in os.walk(self._root):
            if Path(folder) == self._root:
                folders[:] = [name for name in folders if name not in _WRITABLE]
            for name in files:
                path = Path(folder, name)
                state = path.lstat()
                yield str(path.relative_to(self._root)), (state.st_mtime_ns, state.st_size)


@contextmanager
def running(
    buildah: Buildah, image: str, log: Path, environment: Mapping[str, str], volumes: Mapping[Path, str] | None = None
) -> Iterator[Container]:
    """Run an image, and remove the container at the end."""
    container = Container(buildah, image, log, environment, volumes or {})
    try:
        yield container
    finally:
        container.remove()
