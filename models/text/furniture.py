"""What one line of a page is if it is not prose, judged by the line alone."""

import re

from models.text.lines import CLOSERS, TERMINAL, Line
from models.text.normalise import fold
from models.text.phrases import furniture

# Lengths in words.
_SHORT = 8
_LABELLED = {"source_line": 14, "byline": 10, "timestamp": 16, "caption": 60, "furniture": 40, "teaser": 40}
_CREDITED = 45  # the longest caption expected to end in its credit
_CREDIT = 5  # parts
_NAME = 3
_LONGEST_ADDRESS = 2_000  # characters

_SEPARATOR = re.compile(r"\s*[-–—/|©،,+•:]+\s*")
_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_ADDRESS = re.compile(r"(?:https?://|www\.).*|.*@.*\..*|[\w-]+(?:\.[\w-]+)+/.*")
_COLON = re.compile(r" ?[:：] ?")
_BRACKETS = re.compile(r"[(\[]([^()\[\]]{1,80})[)\]]$")
_POST = re.compile(r"pic\.twitter\.com/|^[—–-]+\s.*\(@\w+\)|^@\w+$")
_CRUMB = re.compile(r"\s*[>»›|/]\s*")
_SENTENCE_END = re.compile(rf"[{re.escape(TERMINAL)}][{re.escape(CLOSERS)}]*\s*$")


def judge(line: Line) -> str | None:
    """The reason to drop `line`, or None if nothing shows that it is not prose."""
    phrases = furniture()
    text, folded = line.text, line.folded
    bare = folded.strip(" :.!|،,…)]}\"'»”←→>-–—*")
    if not any(map(str.isalpha, text)):
        return "timestamp" if any(map(str.isdigit, text)) else "furniture"
    if bare in phrases.whole:
        return phrases.whole[bare]
    if reason := _by_prefix(line):
        return reason
    if line.words <= _LABELLED["timestamp"] and _is_date(folded):
        return "timestamp"
    if _POST.search(text) or (line.words <= _SHORT and _only_links(text)):
        return "embed"
    if _is_tags(text) or _is_crumbs(line):
        return "furniture"
    if line.words <= _SHORT + 2 and not line.goes_on and _is_signature(line):
        return "byline"
    if line.words <= _CREDITED and _credited(line):
        return "caption"
    return None


def suffix(line: Line) -> tuple[int, str] | None:
    """Where a credit or source line begins that was pasted onto the end of a paragraph, and its kind."""
    text = line.text
    if (brackets := _BRACKETS.search(text[-90:])) and _is_credit(brackets[1]):
        at = len(text) - len(brackets[0])
        if _SENTENCE_END.search(text[max(0, at - 20) : at]):
            return at, "caption"
    begin = max(0, len(text) - 100)
    for stop in re.finditer(rf"[{re.escape(TERMINAL)}][{re.escape(CLOSERS)}]*\s*", text[begin:]):
        at = begin + stop.end()
        found = furniture().label.match(fold(text[at:]))
        if found and found[0] == "source_line" and found[1].startswith((":", "|")):
            return at, "source_line"
    return None


def _by_prefix(line: Line) -> str | None:
    phrases = furniture()
    folded = _COLON.sub(" : ", line.folded, count=1)
    for table in (phrases.header, phrases.label):
        found = table.match(folded)
        if found and line.words <= _LABELLED[found[0]] and (not found[1].strip(" .…!)]") or found[1][0] in ":|："):
            return found[0]
    if found := phrases.notice.match(folded):
        return found[0]
    whole = fold(line.text)
    if (found := phrases.start.match(whole) or phrases.start.match(folded)) and (
        (not line.ends and line.words <= _LABELLED[found[0]]) or whole.startswith("(")
    ):
        return found[0]
    return None


def _is_date(folded: str) -> bool:
    """Nothing but numbers and the words around dates and times."""
    tokens = _TOKEN.findall(folded)
    dates = furniture().date
    return any(map(str.isdigit, tokens)) and all(token.isdigit() or token in dates for token in tokens)


def _only_links(text: str) -> bool:
    """Addresses only; each word is looked at from its beginning, at most once."""
    worded = [word for word in text.split() if any(map(str.isalpha, word))]
    return all(len(word) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(word) for word in worded)


def _is_tags(text: str) -> bool:
    words = text.split()
    return all(word.startswith("#") for word in words) or text.startswith(("🏷", "🔴 بث"))


def _is_crumbs(line: Line) -> bool:
    """A path through the site: known sections between arrows or bars."""
    parts = [fold(part) for part in _CRUMB.split(line.text) if part.strip()]
    known = furniture().whole
    return 2 <= len(parts) <= 8 and not line.ends and (parts[0] in known or all(part in known for part in parts))


def _is_signature(line: Line) -> bool:
    """Names and places around an agency's or paper's name: "دبي - العربية.نت", "هـ.د / أ.ح (رويترز، أ ف ب)"."""
    text = line.text.strip("() ")
    if _is_credit(text):
        return True
    if line.ends:
        return False
    parts = [part for part in _SEPARATOR.split(text.replace("(", " / ").replace(")", " ")) if part.strip()]
    return 2 <= len(parts) <= 6 and any(map(_is_credit, parts)) and all(len(part.split()) <= _NAME for part in parts)


def _credited(line: Line) -> bool:
    """A caption shows by the picture's credit at its end, after which no sentence ends."""
    text = line.text
    if brackets := _BRACKETS.search(text[-90:]):
        before = text[: len(text) - len(brackets[0])]
        return _is_credit(brackets[1]) and bool(before.strip()) and not _SENTENCE_END.search(before[-20:])
    if any(sign in text[-60:] for sign in furniture().credit_sign):
        return True
    if line.ends:
        return False
    last = re.split(r"\s[-–—/|]\s|©", text[-60:])
    return len(last) > 1 and (_is_credit(last[-1]) or _names_source(last[-1]))


def _names_source(text: str) -> bool:
    """A word for the picture, a colon and whose it is: "صورة: وكالة"."""
    label, colon, owner = text.partition(":")
    found = furniture().label.match(fold(label).strip())
    return bool(colon) and found == ("caption", "") and 0 < len(owner.split()) <= _NAME


def _is_credit(text: str) -> bool:
    """Agencies, "archive" and the like, and at most a photographer's name beside them."""
    credit = furniture().credit
    folded = fold(text).strip(" .")
    if folded in credit:
        return True
    parts = [part for part in _SEPARATOR.split(folded) if part]
    named = all(part in credit or len(part.split()) <= _NAME for part in parts)
    return 1 < len(parts) <= _CREDIT and named and any(part in credit for part in parts)
