"""The child that parses one Word or PDF file: `python -m service.uploads.worker KIND CHARS MEMORY SECONDS`.

The file comes on stdin, `{"text": …}` or `{"code": …, "message": …}` goes to stdout, and nothing else anywhere: what the
parsers of such files could be brought to do, they do here, without the service's memory, environment and files. Neither
models nor schemas are imported, so that it starts fast.
"""

import json
import resource
import sys
from importlib import import_module
from math import ceil

from models.errors import MujazError
from service.uploads.errors import FileUnreadable

PARSERS = {"Word": "service.uploads.docx", "PDF": "service.uploads.pdf"}
"""Where `parse(content, chars) -> str` stands for a kind."""

_OPEN_FILES = 16


def main(kind: str, chars: int, memory: int, seconds: float) -> None:
    """Answer on stdout."""
    _confine(memory, seconds)
    try:
        parser = import_module(PARSERS[kind])
        resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
        answer = {"text": parser.parse(sys.stdin.buffer.read(), chars)}
    except MujazError as error:
        answer = {"code": error.code, "message": str(error)}
    except (MemoryError, RecursionError):
        answer = {"code": FileUnreadable.code, "message": "The file needs more memory than one file may take."}
    json.dump(answer, sys.stdout)  # ASCII: halves of characters go through


def _confine(memory: int, seconds: float) -> None:
    """Limits that the kernel keeps: memory, CPU time, no file written, no core, and no further process."""
    cpu = ceil(seconds)
    for what, soft, hard in (
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CPU, cpu, cpu + 1),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_NPROC, 0, 0),
    ):
        resource.setrlimit(what, (soft, hard))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
