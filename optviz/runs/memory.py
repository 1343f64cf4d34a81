"""Whether a result fits into memory, asked before any of it is computed."""

import os
from pathlib import Path

from optviz.errors import UsageError

SHARE = 0.8  # of what is free: the rest is for pictures and everybody else


def free() -> int | None:
    """Bytes that this process may still take; None where the system does not say."""
    limits = []
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                limits.append(int(line.split()[1]) * 1024)
        group = Path("/sys/fs/cgroup")  # a container's own limit
        limit = (group / "memory.max").read_text().strip()
        if limit != "max":
            limits.append(int(limit) - int((group / "memory.current").read_text()))
    except (OSError, ValueError):
        pass
    if not limits and hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        limits.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return min(limits, default=None)


def check_fits(what: str, size: int, remedy: str) -> None:
    """Refuse a result that is larger than memory.

    Parameters
    ----------
    what : str
        The result in words: ``"a sweep of 100,000 x 100,000 pixels"``.
    size : int
        Its bytes.
    remedy : str
    """
    room = free()
    if room is not None and size > SHARE * room:
        raise UsageError(f"{what} needs {size / 1e9:,.1f} GB, {SHARE * room / 1e9:,.1f} GB are free", remedy)
