"""The settings of one Triton."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from launch.errors import InvalidSetting

MODEL_REPOSITORY = Path(__file__).parents[2] / "model_repository"


@dataclass(frozen=True)
class TritonSettings:
    """Validated settings; port 0 means any free port. Raises `InvalidSetting`."""

    model_repository: Path = MODEL_REPOSITORY
    models: tuple[str, ...] = ("soprano_stream", "soprano")
    """Models that must be ready for the start to be complete."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Environment variables for the models, in addition to this process's own."""
    address: str = "127.0.0.1"
    http_port: int = 8000
    grpc_port: int = 8001
    metrics_port: int = 8002
    log_path: Path | None = None
    """By default a file in the user's state directory whose name contains the HTTP port."""
    start_timeout: float = 600.0
    """Seconds to load the models; the first use of a GPU compiles kernels."""
    exit_timeout: int = 15
    """Seconds that open requests have to finish when the server is stopped."""
    connection_age: int = 0
    """Seconds after which gRPC clients are told to reconnect, so that they find new Tritons; 0: never. Open requests
    continue."""

    def __post_init__(self) -> None:
        """Check everything that can be checked before the start."""
        for model in self.models:
            if not (self.model_repository / model / "config.pbtxt").is_file():
                raise InvalidSetting(
                    f"{self.model_repository} has no model {model!r}: name the repository's folder model_repository"
                )
        ports = [port for port in self.ports.values() if port]
        if any(not 0 <= port <= 65535 for port in ports):
            raise InvalidSetting(f"a port lies between 0 and 65535: {', '.join(self.ports)} are {ports}")
        if len(set(ports)) < len(ports):
            raise InvalidSetting(f"{', '.join(self.ports)} must be different ports, not {ports}")

    @property
    def ports(self) -> dict[str, int]:
        """The ports, by the option that sets each."""
        return {
            "--triton-http-port": self.http_port,
            "--triton-grpc-port": self.grpc_port,
            "--triton-metrics-port": self.metrics_port,
        }
