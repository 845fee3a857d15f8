"""The stand-in on a loopback port, until told to stop.

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


def serve(gateway: Gateway, port: int, ready_file: Path | None, certificate: tuple[Path, Path] | None = None) -> None:
    """Serves until interrupted; port 0 is a free one. The ready file then holds the address."""
    with _listening(port) as listener:
        server, address = _server(gateway, listener, certificate)
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
def _listening(port: int) -> Iterator[socket.socket]:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        # Connections wait in the queue from here on, so the address can be told before the server runs.
        listener.listen(128)
        yield listener


def _server(
    gateway: Gateway, listener: socket.socket, certificate: tuple[Path, Path] | None
) -> tuple[uvicorn.Server, str]:
    config = uvicorn.Config(
        application(gateway), log_level="critical", access_log=False, date_header=False, server_header=False,
        lifespan="off", timeout_graceful_shutdown=1,
        ssl_certfile=certificate and certificate[0], ssl_keyfile=certificate and certificate[1],
    )  # fmt: skip
    scheme = "http" if certificate is None else "https"
    return uvicorn.Server(config), f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"
