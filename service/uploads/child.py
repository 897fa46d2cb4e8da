"""Word and PDF files, parsed in a child process: whatever such a file does, it does to that child and no one else."""

import json
import subprocess
import sys
from pathlib import Path
from threading import Thread, Timer
from typing import IO

from models.errors import EmptyText, InputRefused, InputTooLong
from service.uploads.errors import FileKindRefused, FileUnreadable
from service.uploads.kinds import Kind
from service.uploads.limits import UploadLimits

_ROOT = Path(__file__).parents[2]
_ESCAPED = 12  # bytes that one character takes at most in the child's JSON
_ERRORS: dict[str, type[InputRefused]] = {
    kind.code: kind for kind in (EmptyText, InputTooLong, FileKindRefused, FileUnreadable)
}
_DAMAGED = "The file could not be read: it is damaged, or needs more memory than one file may take."


def parse(kind: Kind, content: bytes, limits: UploadLimits) -> str:
    """The text of a Word or PDF file, a line per paragraph; waits for the child, so call it in a thread.

    Raises `EmptyText`, `InputTooLong`, `FileKindRefused` and `FileUnreadable`.
    """
    chars = limits.text.article_chars
    numbers = (chars, limits.memory, limits.seconds)
    late = False

    def end() -> None:
        nonlocal late
        late = True
        child.kill()

    with subprocess.Popen(
        [sys.executable, "-m", "service.uploads.worker", kind, *map(str, numbers)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": str(_ROOT), "PYTHONSAFEPATH": "1"},  # nothing of ours: it may hold keys
        cwd="/",
    ) as child:
        assert child.stdin and child.stdout
        timer = Timer(limits.seconds, end)
        feeder = Thread(target=_feed, args=(child.stdin, content))
        timer.start()
        feeder.start()
        try:
            answer = child.stdout.read(_ESCAPED * chars + 1000)
            ended = child.stdout.read(1) == b""
        finally:
            child.kill()
            timer.cancel()
            timer.join()
            feeder.join()
    if late:
        raise FileUnreadable(f"The file takes longer to read than the {limits.seconds:g} seconds that one file may.")
    return _text(answer if ended else b"")


def _feed(pipe: IO[bytes], content: bytes) -> None:
    """Write all of it; a child that has ended early has its reasons."""
    try:
        with pipe:
            pipe.write(content)
    except BrokenPipeError:
        pass


def _text(answer: bytes) -> str:
    """What the child says. Raises what it says."""
    try:
        said = json.loads(answer)
    except ValueError as error:
        raise FileUnreadable(_DAMAGED) from error
    match said:
        case {"text": str(text)}:
            return text
        case {"code": str(code), "message": str(message)}:
            raise _ERRORS.get(code, FileUnreadable)(message)
    raise FileUnreadable(_DAMAGED)
