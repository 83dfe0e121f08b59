"""`python -m proxy`: serve until SIGTERM, then finish what is running."""

import sys

import uvicorn
from pydantic import ValidationError

from proxy.app import create_app
from proxy.listener import tune
from proxy.logs import configure
from proxy.settings import Settings


def main() -> None:
    """Run the server with the settings from the environment."""
    try:
        settings = Settings()
    except ValidationError as error:
        problems = [f"SOPRANO_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        sys.exit("\n".join(problems))
    configure(settings.log_level, settings.log_format)
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=settings.drain_deadline,
        server_header=False,
    )
    listener = config.bind_socket()
    tune(listener, settings.reader_deadline)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
