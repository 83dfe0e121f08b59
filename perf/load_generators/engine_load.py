"""Load on the bare engine, in its own process: what everything above it is measured against."""

from collections.abc import Mapping, Sequence
from itertools import cycle, islice

from engine.engine import Engine
from engine.errors import Overloaded
from engine.request import SamplingParameters
from engine.settings import EngineSettings
from measuring.engine_client import Listener, Request
from perf.measurements import Load, RequestResult, Status
from perf.workload import arrival_times


class EngineLoad:
    """An engine and its callers, as `measuring.worker.Worker` keeps them in a process of their own."""

    def __init__(self, checkpoint: str, environment: Mapping[str, str]) -> None:
        """Load a checkpoint; `environment` are SOPRANO_ variables for the engine."""
        self._engine = Engine(EngineSettings.from_environment({**environment, "SOPRANO_CHECKPOINT": checkpoint}))

    def run(
        self, load: Load, requests: int, texts: Sequence[str], *, whole: bool = False, seed: int = 0
    ) -> list[RequestResult]:
        """Send `requests` requests, which take `texts` in turn; return their results in the order of sending."""
        listener = Listener(self._engine, sampling=SamplingParameters(), whole=whole)
        said = list(islice(cycle(texts), requests))
        if load.clients is None:
            listener.listen_while_sending(said, at=arrival_times(load.rate or 0.0, seed))
        else:
            left = iter(said[load.clients :])
            listener.send(said[: load.clients])
            listener.listen(until=lambda: listener.all_ended, on_end=lambda: listener.send(islice(left, 1)))
        return [_result(request) for request in listener.requests]


def _result(request: Request) -> RequestResult:
    ended = request.ended or request.sent
    if request.error:
        return RequestResult(
            request.sent, ended, Status.REFUSED if isinstance(request.error, Overloaded) else Status.FAILED
        )
    return RequestResult(request.sent, request.stream.ended, Status.SPOKEN, request.stream)
