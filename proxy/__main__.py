"""`python -m proxy`: serve until SIGTERM, then finish the requests in progress."""

import logging
import sys

import uvicorn
from pydantic import ValidationError

from proxy.app import create_app
from proxy.http_protocol import protocol_with
from proxy.logs import configure
from proxy.settings import Settings
from proxy.socket_options import set_socket_options
from proxy.websocket_protocol import WebSocketProtocol

_KEEP_ALIVE = 75
"""Seconds that an idle connection stays open. Clients and load balancers keep theirs for 60 at most, so the server
never closes one just as a client sends the next request, for example after `Retry-After`."""

log = logging.getLogger(__name__)


def server_config(settings: Settings) -> uvicorn.Config:
    """The configuration of the server."""
    return uvicorn.Config(
        create_app(settings),
        http=protocol_with(settings.request_deadline),
        ws=WebSocketProtocol,
        ws_max_size=settings.max_body_bytes,
        ws_per_message_deflate=False,  # audio does not get smaller
        # An answer to a ping may wait behind a minute of audio that the client has not read; TCP finds dead clients.
        ws_ping_timeout=None,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=settings.drain_deadline,
        server_header=False,
    )


def main() -> None:
    """Run the server with the settings from the environment."""
    try:
        settings = Settings()
    except ValidationError as error:
        problems = [f"SOPRANO_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        sys.exit("\n".join(problems))
    configure(settings.log_level, settings.log_format)
    if settings.is_open_to_strangers:
        log.warning(
            "ANYBODY WHO REACHES %s:%d CAN USE THIS SERVER: it asks for no key. Set SOPRANO_API_KEYS or "
            "SOPRANO_API_KEYS_FILE, or SOPRANO_HOST=127.0.0.1.",
            settings.host,
            settings.port,
        )
    config = server_config(settings)
    listening = config.bind_socket()
    set_socket_options(listening, settings.reader_deadline)
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
