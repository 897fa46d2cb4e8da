"""What the libraries below do with memory: what is freed is kept or given back, what was compiled is kept to a bound."""

import ctypes

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4  # glibc's malloc.h
_LARGE = 2**31 - 1
_MOST_PRIMITIVES = 256
_KEEPING = 0  # what `setenv` is told that is not to overwrite
PRIMITIVES = (b"ONEDNN_PRIMITIVE_CACHE_CAPACITY", b"LRU_CACHE_CAPACITY")
"""By which variables oneDNN and PyTorch are told how many compiled primitives to keep."""


def keep_freed() -> None:
    """Have glibc keep what is freed, instead of handing big buffers back at every step and having them zeroed anew.

    `give_back` gives it back all the same. No effect with another C library.
    """
    libc = _libc()
    if libc:
        libc.mallopt(_MMAP_MAX, 0)
        libc.mallopt(_TRIM_THRESHOLD, _LARGE)


def few_primitives() -> None:
    """Have oneDNN and PyTorch keep few compiled primitives, unless the environment says how many; before the first is made.

    A primitive is compiled for every shape that a text or a batch brings. Left to themselves both keep 1,024, with their memory:
    a server then grows for thousands of articles.
    """
    libc = _libc()
    if libc:
        for name in PRIMITIVES:
            libc.setenv(name, str(_MOST_PRIMITIVES).encode(), _KEEPING)


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
