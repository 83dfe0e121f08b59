"""Drives NVIDIA's perf_analyzer: load on a model of a running Triton, and the result of each request.

    perf_analyzer = PerfAnalyzer(find_installation())
    soprano = Endpoint("soprano", "127.0.0.1:8000", "http")
    results = perf_analyzer.run(soprano, Load(clients=16), requests=64, texts=["Hello.", "How are you?"])

Behaviour of perf_analyzer in tritonclient 2.49.0:

- It sends exactly the given number of requests and exports all of them; it sends no requests to warm up.
- With one thread and asynchronous calls, texts are used in their order, a free client sends the next request, and only
  the number of clients limits the open requests. (With more threads, each one uses every n-th text and sends the same
  number of requests, so that fast ones end early.) All streams share one gRPC stream; with one for each of 32 clients,
  first audio was not earlier.
- A Poisson process has the same seed in every run: at one rate, requests are always sent at the same moments.
- The first refused or failed request ends the run. Use other load generators for overload.
- It checks only once a second whether it is done; its own throughput includes this time, and ours does not.
- It keeps all audio until the end: 2 MB of memory and 190 KB in the temporary directory for each second of audio.
"""

import json
import mmap
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from launch.process.tethered_process import TetheredProcess, describe_exit
from measuring.stream import Arrival, Stream
from perf.load_generators.perf_analyzer_installation import Installation, RunFailed, UnreadableExport
from perf.measurements import Load, RequestResult, Status

_LAST_LINES = 6
_AUDIO = b'"audio":['  # inside a text, the quotes would be escaped
_NANOSECONDS = 1e9


@dataclass(frozen=True)
class Endpoint:
    """A model and how to reach it. Raises `ValueError` for a stream over HTTP, which perf_analyzer does not support.

    The model takes `text`, of shape [1] after a batch dimension, and returns `audio` and `sample_rate`.
    """

    model: str
    url: str  # host and port of the protocol's server
    protocol: Literal["http", "grpc"]
    streamed: bool = False  # True for a decoupled model

    def __post_init__(self) -> None:
        """Check that `streamed` and `protocol` are compatible."""
        if self.streamed and self.protocol != "grpc":
            raise ValueError("perf_analyzer streams over gRPC only: name the gRPC server's url")


class PerfAnalyzer:
    """Runs one load after the other. The processes that it starts end when this process ends for any reason."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    def run(
        self, endpoint: Endpoint, load: Load, *, requests: int, texts: Sequence[str], timeout: float = 600.0
    ) -> list[RequestResult]:
        """Send `requests` requests, which use `texts` in turn; return the results in the order of sending.

        `timeout` is in seconds. Raises `ValueError` if there are fewer requests than clients, or than one second of the
        rate, which perf_analyzer refuses; `RunFailed`, also if one request fails; and `UnreadableExport`.
        """
        _check(load, requests, texts)
        with tempfile.TemporaryDirectory(prefix="soprano-perf-analyzer-") as directory:
            folder = Path(directory)
            input_data, export, log = folder / "texts.json", folder / "export.json", folder / "log"
            # One list: perf_analyzer uses only the first of several.
            input_data.write_text(json.dumps({"data": [{"text": [text]} for text in texts]}), encoding="utf-8")
            arguments = [
                *("-m", endpoint.model, "-u", endpoint.url, "-i", endpoint.protocol),
                *(["--streaming"] if endpoint.streamed else []),
                *("--async", "--max-threads=1", "--shape=text:1"),
                *_load_arguments(load),
                f"--request-count={requests}",
                f"--input-data={input_data}",
                f"--profile-export-file={export}",
            ]
            self._execute(arguments, log, timeout)
            results = read_results(export)
        if len(results) != requests:
            raise RunFailed(f"perf_analyzer measured {len(results)} of {requests} requests: run it again")
        return results

    def _execute(self, arguments: list[str], log: Path, timeout: float) -> None:
        with log.open("wb") as output:
            process = TetheredProcess(
                [str(self._installation.binary), *arguments],
                environment=_without_web_proxies({**os.environ, **self._installation.environment}),
                output=output.fileno(),
            )
            try:
                ended = process.wait(timeout)
            finally:
                process.kill()
        if not ended:
            raise RunFailed(
                f"perf_analyzer had not ended after {timeout:.0f} s and was stopped: check whether the server still "
                f"answers, or send fewer requests{_last_lines(log)}"
            )
        if process.exit_status != 0:
            raise RunFailed(f"perf_analyzer ended {describe_exit(process.exit_status)}{_last_lines(log)}")


def _check(load: Load, requests: int, texts: Sequence[str]) -> None:
    if not texts:
        raise ValueError("there is nothing to speak: give at least one text")
    if requests < (load.clients or load.rate or 0):
        raise ValueError(
            f"perf_analyzer refuses {requests} requests for {load}: give at least one for each client, "
            "or one second of requests"
        )


def _load_arguments(load: Load) -> list[str]:
    if load.rate is None:
        return [f"--concurrency-range={load.clients}"]
    # Without an explicit end, the range would end at 1 request a second.
    return [f"--request-rate-range={load.rate:f}:{load.rate:f}", "--request-distribution=poisson"]


def _without_web_proxies(environment: dict[str, str]) -> dict[str, str]:
    """Return `environment` without web proxies, which would otherwise be part of the measurement."""
    return {name: value for name, value in environment.items() if not name.lower().endswith("_proxy")}


def _last_lines(log: Path) -> str:
    """Return the last lines that perf_analyzer printed, without the help that it prints after some errors."""
    printed = log.read_text(encoding="utf-8", errors="replace").partition("\nUsage: ")[0]
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    return "".join(f"\n  {line}" for line in lines[-_LAST_LINES:])


def read_results(file: Path) -> list[RequestResult]:
    """Return the requests of all experiments in `file`, in the order of sending.

    Times are in seconds since 1970, on the clock of perf_analyzer's machine. The model must have the outputs `audio`
    and `sample_rate`; other outputs are ignored. A response without audio counts as failed; perf_analyzer does not
    export responses with an error. Raises `UnreadableExport`.
    """
    try:
        experiments = json.loads(_with_samples_counted(file))["experiments"]
        results = [_result(request) for experiment in experiments for request in experiment["requests"]]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UnreadableExport(
            f"{file} is not a complete profile export of a model with the outputs audio and sample_rate "
            f"({type(error).__name__}: {error}): check that the disk is not full, and which model was used"
        ) from error
    return sorted(results, key=lambda result: result.sent)


def _with_samples_counted(file: Path) -> bytes:
    """Return the content with each list of samples replaced by a list of one number: the count of samples."""
    reduced = bytearray()
    position = 0
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
        while (begin := content.find(_AUDIO, position)) >= 0:
            begin += len(_AUDIO)
            end = content.find(b"]", begin)
            if end < 0:
                raise ValueError("it ends in the middle of audio")
            reduced += content[position:begin]
            reduced += b"%d" % (content[begin:end].count(b",") + 1)
            position = end
        reduced += content[position:]
    return bytes(reduced)


def _result(request: dict[str, Any]) -> RequestResult:
    sent = request["timestamp"] / _NANOSECONDS
    times = [time / _NANOSECONDS for time in request["response_timestamps"]]
    arrivals = tuple(
        Arrival(time, samples / output["sample_rate"])
        for time, output in zip(times, request["response_outputs"], strict=True)
        if (samples := _samples(output["audio"]))
    )
    if not arrivals:
        return RequestResult(sent, times[-1] if times else sent, Status.FAILED)
    return RequestResult(sent, times[-1], Status.SPOKEN, Stream(sent, arrivals))


def _samples(audio: object) -> int:
    """Return the number of samples in a response.

    perf_analyzer writes a list only if there are two or more. For the end of a stream without audio it writes an empty
    text or, in older versions, a meaningless number; so a number is never counted as a sample.
    """
    if not isinstance(audio, list):
        return 0
    (samples,) = audio
    return int(samples)
