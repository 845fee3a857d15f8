"""The stand-in on a port, until told to stop.

Belongs here: sockets, uvicorn, the ready file. Does not: the protocol (server.py).
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from demo.portal.server import Gateway, application


def serve(
    gateway: Gateway,
    port: int,
    ready_file: Path | None,
    certificate: tuple[Path, Path] | None = None,
    reached_as: str | None = None,
) -> None:
    """Serves until interrupted; port 0 is a free one. The ready file then holds the address.

    With `reached_as`, a name that others know this machine by, it listens to them too; without, to this machine alone.
    """
    with _listening(port, "127.0.0.1" if reached_as is None else "0.0.0.0") as listener:
        server, address = _server(gateway, listener, certificate, reached_as or "127.0.0.1")
        if ready_file is not None:
            unfinished = ready_file.with_name(f".{ready_file.name}.unfinished")
            unfinished.write_text(address, encoding="utf-8")
            unfinished.rename(ready_file)
        print(f"portal: {address} ({gateway.setup.folder})", flush=True)
        server.run(sockets=[listener])


@contextmanager
def served(gateway: Gateway, certificate: tuple[Path, Path] | None = None) -> Iterator[str]:
    """Serves from a thread of this process while the block runs; gives the address."""
    with _listening(0) as listener:
        server, address = _server(gateway, listener, certificate)
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="portal-stand-in", daemon=True
        )
        thread.start()
        try:
            yield address
        finally:
            server.should_exit = server.force_exit = True
            thread.join()


@contextmanager
def _listening(port: int, interface: str = "127.0.0.1") -> Iterator[socket.socket]:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((interface, port))
        # Connections wait in the queue from here on, so the address can be told before the server runs.
        listener.listen(128)
        yield listener


def _server(
    gateway: Gateway, listener: socket.socket, certificate: tuple[Path, Path] | None, host: str = "127.0.0.1"
) -> tuple[uvicorn.Server, str]:
    config = uvicorn.Config(
        application(gateway), log_level="critical", access_log=False, date_header=False, server_header=False,
        lifespan="off", timeout_graceful_shutdown=1,
        ssl_certfile=certificate and certificate[0], ssl_keyfile=certificate and certificate[1],
    )  # fmt: skip
    scheme = "http" if certificate is None else "https"
    return uvicorn.Server(config), f"{scheme}://{host}:{listener.getsockname()[1]}"
