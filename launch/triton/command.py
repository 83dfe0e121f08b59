"""The command line and the environment of tritonserver."""

import os
import secrets

from launch.triton.installation import Installation
from launch.triton.settings import TritonSettings

CLOSED_ROUTES = ("model-repository", "shared-memory", "trace", "logging")
"""Routes that speech does not need: loading and unloading models, writing traces and logs to files, and shared memory,
through which a client of a Triton before 25.07 can read and write the server's own memory."""

_SHARED_MEMORY_BYTES = 16 * 1024 * 1024
_BLS_THREADS = 128
_PING_INTERVAL_MS = 10_000


def command_line(settings: TritonSettings, installation: Installation, prefix: str) -> list[str]:
    """The arguments that start tritonserver with `settings`; `prefix` is for its shared memory."""
    backend_settings = {
        "shm-region-prefix-name": prefix,
        "shm-default-byte-size": _SHARED_MEMORY_BYTES,
        "thread-pool-size": _BLS_THREADS,
    }
    # A random token that is stored nowhere, so no client can use these routes.
    closed = f"{','.join(CLOSED_ROUTES)}:soprano-closed={secrets.token_hex(16)}"
    return [
        str(installation.binary),
        f"--model-repository={settings.model_repository}",
        f"--backend-directory={installation.backend_directory()}",
        # The configurations are complete; auto-completion would start a stub once more per model.
        "--disable-auto-complete-config",
        f"--exit-timeout-secs={settings.exit_timeout}",
        *(f"--backend-config=python,{name}={value}" for name, value in backend_settings.items()),
        f"--http-address={settings.address}",
        f"--grpc-address={settings.address}",
        f"--metrics-address={settings.address}",
        f"--http-port={settings.http_port}",
        f"--grpc-port={settings.grpc_port}",
        f"--metrics-port={settings.metrics_port}",
        f"--http-restricted-api={closed}",
        f"--grpc-restricted-protocol={closed}",
        # The proxy sends a keepalive ping every 20 seconds.
        f"--grpc-http2-min-recv-ping-interval-without-data={_PING_INTERVAL_MS}",
        *([f"--grpc-max-connection-age={settings.connection_age * 1000}"] if settings.connection_age else ()),
    ]


def process_environment(settings: TritonSettings, installation: Installation) -> dict[str, str]:
    """The environment of tritonserver: this process's own, the installation's search paths, and the settings."""
    # Models print to a pipe; without buffering, nothing is lost when one of them crashes.
    own = {"PYTHONUNBUFFERED": "1"}
    return installation.environment({**os.environ, **own, **settings.environment})
