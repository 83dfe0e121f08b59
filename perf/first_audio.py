"""Measures a running server as its listeners find it: time to first audio, and speed over real time.

    .venv/bin/python -m perf.first_audio --clients 1 4 16 --requests 32

Each client sends one request after the other, as PCM, and notes when the first byte and when the last one came.
"""

import argparse
import json
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from perf.percentile import percentile

PCM_BYTES_PER_SECOND = 24_000 * 2
TEXTS = (
    "Yes, of course.",
    "The quick brown fox jumps over the lazy dog, and so on.",
    "It was the best of times, it was the worst of times. It was the age of wisdom, it was the age of foolishness.",
)


@dataclass(frozen=True)
class Measurement:
    """One request: seconds to its first byte and to its end, and seconds of audio."""

    first: float
    total: float
    audio: float


def measure(client: httpx.Client, text: str) -> Measurement:
    """Send one request and read its body to the end."""
    body = {"model": "soprano", "input": text, "response_format": "pcm"}
    start = time.perf_counter()
    with client.stream("POST", "/v1/audio/speech", json=body) as response:
        response.raise_for_status()
        first, size = 0.0, 0
        for piece in response.iter_raw():
            first = first or time.perf_counter() - start
            size += len(piece)
    return Measurement(first, time.perf_counter() - start, size / PCM_BYTES_PER_SECOND)


def run(url: str, clients: int, requests: int) -> dict[str, float]:
    """Let `clients` send `requests` in all; return the figures of the run."""
    with httpx.Client(base_url=url, timeout=300) as client, ThreadPoolExecutor(clients) as pool:
        start = time.perf_counter()
        measured = list(pool.map(lambda index: measure(client, TEXTS[index % len(TEXTS)]), range(requests)))
        wall = time.perf_counter() - start
    first = [each.first for each in measured]
    return {
        "clients": clients,
        "first_audio_p50_ms": 1000 * statistics.median(first),
        "first_audio_p99_ms": 1000 * percentile(first, 0.99),
        "times_real_time": sum(each.audio for each in measured) / wall,
        "slowest_stream_times_real_time": min(each.audio / each.total for each in measured),
    }


def main() -> None:
    """Print one line of JSON for each number of clients."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--requests", type=int, default=32, help="for each number of clients")
    options = parser.parse_args()
    run(options.url, 1, 2)  # warm up
    for clients in options.clients:
        print(
            json.dumps({name: round(value, 2) for name, value in run(options.url, clients, options.requests).items()})
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
