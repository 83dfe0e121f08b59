"""TLS in front of a server on this machine, as a reverse proxy has it, for clients that know no other way."""

import asyncio
import ssl
import subprocess
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.waiting import wait_until


class TlsTunnel:
    """Passes connections on to a port of this machine, in a `with` block, with a certificate made for it."""

    def __init__(self, port: int, folder: Path) -> None:
        self.certificate = folder / "certificate.pem"
        self._key = folder / "key.pem"
        self._target = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> Self:
        self._make_certificate()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self._key)
        self._thread.start()
        opening = asyncio.start_server(self._connect, "127.0.0.1", 0, ssl=context)
        self._server = asyncio.run_coroutine_threadsafe(opening, self._loop).result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        wait_until(lambda: len(asyncio.all_tasks(self._loop)) == 0)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        """The URL without a path."""
        return f"https://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._target)
        async with asyncio.TaskGroup() as group:
            group.create_task(_pass_on(reader, inner_writer))
            group.create_task(_pass_on(inner_reader, writer))

    def _make_certificate(self) -> None:
        # A key on an elliptic curve, since one for RSA takes seconds to make.
        command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=127.0.0.1"
        files = ["-keyout", str(self._key), "-out", str(self.certificate)]
        names = ["-addext", "subjectAltName=IP:127.0.0.1"]
        subprocess.run([*command.split(), *files, *names], check=True, capture_output=True)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy until one side ends, then end the other."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
