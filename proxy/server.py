"""The server of one process: uvicorn with the application."""

import socket

import uvicorn

from proxy.app import create_app
from proxy.http_protocol import protocol_with
from proxy.listening import accepted_at_once
from proxy.settings import Settings
from proxy.websocket_protocol import WebSocketProtocol
from proxy.worker_table import WorkerTable

_KEEP_ALIVE = 75
"""Seconds that an idle connection stays open. Clients and load balancers keep theirs for 60 at most, so the server
never closes one just as a client sends the next request, for example after `Retry-After`."""


def serve(
    settings: Settings, http: socket.socket, wyoming: socket.socket | None, table: WorkerTable | None = None
) -> None:
    """Serve on bound sockets until SIGTERM, as one worker of `table` or alone; then finish the requests in progress."""
    config = uvicorn.Config(
        create_app(settings, table=table, wyoming=wyoming),
        http=protocol_with(settings.request_deadline),
        ws=WebSocketProtocol,
        ws_max_size=settings.max_body_bytes,
        ws_per_message_deflate=False,  # audio does not get smaller
        # An answer to a ping may wait behind a minute of audio that the client has not read; TCP finds dead clients.
        ws_ping_timeout=None,
        backlog=accepted_at_once(http),
        log_config=None,
        access_log=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=settings.drain_deadline,
        server_header=False,
    )
    uvicorn.Server(config).run(sockets=[http])
