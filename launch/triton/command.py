"""How tritonserver is called: its arguments and its environment."""

import os
import secrets

from launch.triton.installation import Installation
from launch.triton.settings import TritonSettings

CLOSED_ROUTES = ("model-repository", "shared-memory", "trace", "logging")
"""What nobody needs in order to have it speak: loading and unloading models, writing files as traces or logs, and
shared memory, with which a client of a Triton before 25.07 can read and write the server's own."""

_SHARED_MEMORY_BYTES = 16 * 1024 * 1024
_BLS_THREADS = 128
_PING_INTERVAL_MS = 10_000


def command_line(settings: TritonSettings, installation: Installation, prefix: str) -> list[str]:
    """The arguments that start tritonserver with `settings`, its shared memory under `prefix`."""
    backend_settings = {
        "shm-region-prefix-name": prefix,
        "shm-default-byte-size": _SHARED_MEMORY_BYTES,
        "thread-pool-size": _BLS_THREADS,
    }
    # A token that is kept nowhere: nobody is to pass.
    closed = f"{','.join(CLOSED_ROUTES)}:soprano-closed={secrets.token_hex(16)}"
    return [
        str(installation.binary),
        f"--model-repository={settings.model_repository}",
        f"--backend-directory={installation.backend_directory()}",
        # The configurations are complete; completing them costs one more stub start per model.
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
        # The proxy's keepalive asks every 20 seconds whether this machine is still there.
        f"--grpc-http2-min-recv-ping-interval-without-data={_PING_INTERVAL_MS}",
        *([f"--grpc-max-connection-age={settings.connection_age * 1000}"] if settings.connection_age else ()),
    ]


def process_environment(settings: TritonSettings, installation: Installation) -> dict[str, str]:
    """The environment that tritonserver runs in: this process's own, what it needs around it, and the settings."""
    # Models print to a pipe; unbuffered, their last words are not lost.
    own = {"PYTHONUNBUFFERED": "1"}
    return installation.environment({**os.environ, **own, **settings.environment})
