"""The application on a real server, on a free port, in a thread of the test's process."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import uvicorn

from proxy.app import create_app
from proxy.http_protocol import protocol_with
from proxy.listening import set_socket_options, wyoming_socket
from proxy.settings import Settings
from proxy.synthesis.interface import Synthesizer
from proxy.websocket_protocol import WebSocketProtocol


@contextlib.contextmanager
def live_server(settings: Settings, connect: Callable[[], Synthesizer] | None = None) -> Iterator[str]:
    """Serve the application with the synthesizer from `connect`, or from the settings; yields the server's URL."""
    wyoming = wyoming_socket(settings)
    if connect:
        app = create_app(settings, connect=lambda *_: connect(), wyoming=wyoming)
    else:
        app = create_app(settings, wyoming=wyoming)
    protocol = protocol_with(settings.request_deadline)
    config = uvicorn.Config(
        app,
        http=protocol,
        ws=WebSocketProtocol,
        ws_per_message_deflate=False,
        log_level="warning",
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        set_socket_options(listener, settings.reader_deadline)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
