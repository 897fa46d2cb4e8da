"""What the C library does with memory that was freed: kept for the next step, or given back to the system."""

import ctypes

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4  # glibc's malloc.h
_LARGE = 2**31 - 1


def keep_freed() -> None:
    """Have glibc keep what is freed, instead of handing big buffers back at every step and having them zeroed anew.

    `give_back` gives it back all the same. No effect with another C library.
    """
    libc = _libc()
    if libc:
        libc.mallopt(_MMAP_MAX, 0)
        libc.mallopt(_TRIM_THRESHOLD, _LARGE)


def give_back() -> None:
    """Return what is free to the system: to be called when something large has been freed for good."""
    libc = _libc()
    if libc:
        libc.malloc_trim(0)


def _libc() -> ctypes.CDLL | None:
    """glibc, or None where there is another one."""
    try:
        libc = ctypes.CDLL("libc.so.6")
        return libc if libc.mallopt and libc.malloc_trim else None
    except (OSError, AttributeError):
        return None
