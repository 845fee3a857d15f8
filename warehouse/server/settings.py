"""The settings the server runs with.

Belongs here: PostgreSQL settings and the reason for each that is not the default. Does not: starting the server. They
are given on the command line, so that an old database follows a new release; ALTER ROLE and ALTER DATABASE still
override.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

_DURABLE = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    # Two cores and many GiB, few connections, large batches.
    "max_connections": "50",
    "work_mem": "64MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    # Nobody replicates from here, and COPY into a table made in the same transaction then skips the log.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_line_prefix": "%m [%p] %a ",
    # The log holds no statement, no failing row and no COPY line: it would be a second place for personal data.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
# What was committed still survives a kill of every process: only a crash of the machine may lose it.
_THROWAWAY = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "256MB"}
# Below this, parallel hash joins run out of /dev/shm; containers usually have 64 MiB of it.
_ENOUGH_SHARED_MEMORY = 512 * 1024 * 1024


def server_arguments(data: Path, port: int, *, throwaway: bool) -> list[str]:
    """The arguments of `postgres` for the data directory `data`. No secret among them: they are public."""
    settings = _DURABLE | {"shared_buffers": f"{_pages_in_memory()}MB"} | (_THROWAWAY if throwaway else {})
    settings |= {"port": str(port), "cluster_name": cluster_name(data)}
    if not _shared_memory_is_ample():
        settings["dynamic_shared_memory_type"] = "sysv"
    return ["-D", str(data), *(part for name, value in settings.items() for part in ("-c", f"{name}={value}"))]


def _pages_in_memory() -> int:
    """MB of the server's own pages: an eighth of the machine's memory, 256 at least and 4,096 at most.

    With 256 MB a release of half a percent wrote out pages that sealing had read, and read them again to publish (1.5 s
    where it takes 1.1 s with 1 GB). Of five million dossiers it takes 10.4 s with 1 GB, 8.7 s with 3 GB.
    """
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min(max(memory // 8 // 2**20, 256), 4096)


def cluster_name(data: Path) -> str:
    """What the server's processes show in the process list, different for each data directory."""
    return f"motcua_{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"


def _shared_memory_is_ample() -> bool:
    try:
        found = os.statvfs("/dev/shm")
    except OSError:
        return False
    return found.f_frsize * found.f_blocks >= _ENOUGH_SHARED_MEMORY
