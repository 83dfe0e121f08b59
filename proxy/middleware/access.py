"""A log line and metrics for every request and every WebSocket."""

import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from proxy.metrics import Metrics
from proxy.middleware.request_id import RESPONSE_STARTS
from proxy.request_record import CLIENT_LEFT, RequestRecord

QUIET = ("/health", "/health/live", "/health/ready", "/metrics")
"""Routes that are called every few seconds; they are logged at debug level only."""

WEBSOCKET = "WEBSOCKET"
"""Stands for the method of a WebSocket."""

SWITCHING_PROTOCOLS = 101
"""The status of a WebSocket that was opened."""

LONGEST_PATH = 200
"""Characters of a path that are logged."""

log = logging.getLogger(__name__)


class AccessMiddleware:
    """Creates a `RequestRecord` for every request, as `state.record`, and logs and counts it at the end.

    A WebSocket is one request; what is spoken in it has records of its own.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its record."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        record = RequestRecord(scope["state"]["request_id"], scope.get("method", WEBSOCKET), _path(scope))
        scope["state"]["record"] = record

        async def send_and_note(message: Message) -> None:
            if message["type"] in RESPONSE_STARTS:
                record.status = message.get("status", SWITCHING_PROTOCOLS)
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except Exception:
            if record.status == CLIENT_LEFT:
                # No response has started, so Starlette will send a 500 outside of all middleware.
                record.status = 500
            raise
        finally:
            record.seconds = record.age
            # The route's path without the prefix of its router, so that `/v1/…` and its alias are counted together.
            record.route = getattr(scope.get("route"), "path", record.route)
            self._metrics.observe(record)
            log_request(record)


def _path(scope: Scope) -> str:
    """The path as it was sent, percent-encoded: without spaces, so that a client cannot imitate other log fields."""
    raw: bytes = scope["raw_path"]
    return raw[:LONGEST_PATH].decode("latin-1")


def log_request(record: RequestRecord) -> None:
    """Write the log line of a request that has ended."""
    level = logging.DEBUG if record.route in QUIET else logging.INFO
    log.log(level, "%s %s %d", record.method, record.path, record.status, extra={"fields": record.fields()})
