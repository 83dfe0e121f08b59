"""`python -m proxy`: serve until SIGTERM, then finish what is running."""

import logging
import sys

import uvicorn
from pydantic import ValidationError

from proxy.app import create_app
from proxy.settings import Settings


def main() -> None:
    """Run the server with the settings from the environment."""
    try:
        settings = Settings()
    except ValidationError as error:
        problems = [f"SOPRANO_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        sys.exit("\n".join(problems))
    logging.basicConfig(level=settings.log_level.upper(), format="%(levelname)s:     %(message)s")
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level,
        timeout_graceful_shutdown=settings.drain_deadline,
        server_header=False,
    )


if __name__ == "__main__":
    main()
