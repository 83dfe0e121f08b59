"""Sends a request for speech and tells what comes back, as it comes."""

import time
from collections.abc import Iterator, Mapping

import urllib3
from urllib3.exceptions import HTTPError

from perf.load.recording import Event, Record

PATH = "/v1/audio/speech"
MOST_CONNECTIONS = 1000
"""That are kept for the next request; more may be open at once."""
_TIMEOUT = urllib3.Timeout(connect=30.0, read=600.0)


def connections() -> urllib3.PoolManager:
    """Return connections for `ask`, which stay open from one request to the next."""
    return urllib3.PoolManager(num_pools=1, maxsize=MOST_CONNECTIONS, timeout=_TIMEOUT, retries=False)


def ask(
    server: urllib3.PoolManager, url: str, number: int, body: Mapping[str, object], headers: Mapping[str, str]
) -> Iterator[Record]:
    """Send one request and yield what becomes of it; each piece of the body is what the server sent at once.

    Whatever goes wrong is told by the last record. Closing the generator closes the connection.
    """
    yield Record(Event.SENT, number, time.perf_counter())
    problem = ""
    try:
        # urllib3 itself: it gives the pieces as they come, at half the processor time that requests takes on top of
        # it, while Locust's FastHttpUser collects them into blocks of 4,000 bytes.
        response = server.request("POST", url + PATH, json=body, headers=headers, preload_content=False)
        headers_told = (response.headers.get(name, "") for name in ("content-type", "retry-after"))
        answer = "\n".join((str(response.status), *headers_told))
        yield Record(Event.ANSWERED, number, time.perf_counter(), answer.encode())
        for piece in response.stream(None):
            yield Record(Event.PIECE, number, time.perf_counter(), piece)
    except HTTPError as error:
        problem = f"{type(error).__name__}: {error}"
    yield Record(Event.ENDED, number, time.perf_counter(), problem.encode())
