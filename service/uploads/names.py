"""File names are the sender's: they become ids in answers, and never a path or a word in a log."""

import re
import unicodedata

LONGEST = 200
_SEPARATORS = re.compile(r"[/\\]")


def shown(name: str) -> str:
    """The last part of `name` without control, bidirectional and other invisible characters; its end if it is too long.

    What is left may still be "..": it is for showing only.
    """
    last = _SEPARATORS.split(name[-4 * LONGEST :])[-1]
    kept = "".join(character for character in last if unicodedata.category(character)[0] != "C")
    return kept.strip()[-LONGEST:] or "file"


def suffix(name: str) -> str:
    """What follows the last dot of the last part, in lower case with its dot; "" if there is none."""
    last = shown(name)
    dot = last.rfind(".")
    return last[dot:].lower() if dot >= 0 else ""
