"""Attribution: what the article gives as somebody's words, or as an accusation, must not become a fact, or another's words."""

import re
from collections.abc import Collection

from models.checks import cues
from models.checks.claim import RETOLD, Pair
from models.checks.cues import Cue, Kind
from models.text import names

_SAYING: tuple[Kind, ...] = ("saying", "source")
_ANY: tuple[Kind, ...] = ("saying", "source", "voicing", "claim")
_MOSTLY, _HALF = 0.75, 0.5  # shares of a text's content that are found in its source
_AGAIN = 0.65  # share of what is reported from which on it is what the source reports
_ENOUGH = 3  # words of content that can be what is reported
_SUBJECT = 6  # words beside a cue of reporting that tell who reports
_KNOWN = 0.5  # share of them that the article must have
_FEW = 0.34  # share of the words that tell who reports, from which on the source tells the same
_VERB_FIRST = frozenset({"ar"})  # languages in which the subject follows its verb
_THAT = re.compile(r"\s*(?:[أإا]ن|ب[أا]ن|[أإ]نه|[أإ]نها)\w*\b")  # no subject stands between the verb and these
_REPORTED = re.compile(r"[^.؟!؛]{0,90}?(?:\s(?:[أإا]ن|ب[أا]ن)(?:ه|ها|هم|هما|هن|نا|ني)?\s|[:\"«“])")
_END = re.compile(
    r"[،؛,;:.!?؟\"]|\s(?:[أإا]ن|ب[أا]ن)(?:ه|ها|هم|هما|هن|نا|ني)?\s"
)  # of what tells who reports, after the cue
_NOUN = re.compile(
    r"\b(?:an?|the|no|any|of|amid|with|to|by|and|issued) $", re.IGNORECASE
)  # before a noun, or another's verb
_CLAUSE = re.compile(r"[،؛,;:.!?؟\"]")


def removed(pair: Pair) -> bool:
    """Whether the text says little else than what the source reports, but as a fact."""
    if _reports(pair.text, pair.language, _ANY) or pair.share < _MOSTLY:
        return False
    there = {place for _, place in pair.links}
    contents = (
        pair.content & _told(pair, cue) for cue in cues.read(pair.source, pair.source_language) if _sure(pair, cue)
    )
    return any(content and len(there & content) >= _HALF * len(content) for content in contents)


def misattributed(pair: Pair, article: str) -> tuple[int, int] | None:
    """Who reports in the text (start, end), where the source gives what is reported as the words of somebody else.

    One who is not named may be the source's own speaker in other words ("the agency"), unless the rest of the article knows him.
    """
    said, origin = _reports(pair.text, pair.language, _SAYING), _reports(pair.source, pair.source_language, _ANY)
    if (
        len(said) != 1
        or _NOUN.search(pair.text, 0, said[0].start)
        or not any(_named(pair.source, cue) for cue in origin)
    ):
        return None
    who = _who(pair, said[0])
    told = [found.word for found in pair.found if found.word in who and not _pronoun(pair, found.word)]
    who_text = pair.text[pair.said.spans[who[0]][0] : pair.said.spans[who[-1]][1]] if who else ""
    if pair.language in _VERB_FIRST and pair.share < RETOLD:
        return None
    if not told or pair.share_of(told) > _FEW or pair.share_of(_reported(pair, said[0], who)) < _AGAIN:
        return None
    source = names.Places(pair.source, pair.source_language)
    if any(source.locate(mention.text, pair.language) for mention in names.find(who_text, pair.language)):
        return None
    named = any(
        word and pair.text[pair.said.spans[word][0]].isupper() for word in told
    )  # the first word always has a capital
    if not named and not _known(pair, told, article):
        return None
    return pair.said.spans[told[0]][0], pair.said.spans[told[-1]][1]


def _known(pair: Pair, words: Collection[int], article: str) -> bool:
    """Whether the article has some words of the text."""
    return Pair(pair.text, pair.language, article, pair.source_language, whole=False).share_of(words) >= _KNOWN


def _reports(text: str, language: str, kinds: Collection[Kind]) -> list[Cue]:
    """The cues of reporting; a word of two kinds is one."""
    return list({cue.start: cue for cue in cues.read(text, language) if cue.kind in kinds}.values())


def _sure(pair: Pair, cue: Cue) -> bool:
    """Whether a cue of the source makes what it says somebody's words: an Arabic verb only before "that" or a quotation."""
    if cue.kind == "saying" and pair.source_language in _VERB_FIRST:
        return _REPORTED.match(pair.source, cue.end) is not None
    return cue.kind in ("saying", "source", "claim")


def _told(pair: Pair, cue: Cue) -> set[int]:
    """The words that the source reports: those after the cue, or if it names whose they are, those before and well after it."""
    first, last = pair.origin.at(cue.start), pair.origin.at(cue.end - 1)
    if cue.kind == "source":
        return {*range(first), *range(last + _SUBJECT, len(pair.origin))}
    that = _REPORTED.match(pair.source, cue.end)
    begin = pair.origin.at(that.end()) if that else last + 1
    return (
        set(range(begin, len(pair.origin)))
        if begin < len(pair.origin) - _SUBJECT or not first
        else set(range(len(pair.origin)))
    )


def _named(source: str, cue: Cue) -> bool:
    """Whether the source tells who reports: not where it goes on with what is reported."""
    return not _THAT.match(source, cue.end)


def _pronoun(pair: Pair, word: int) -> bool:
    start, end = pair.said.spans[word]
    return cues.is_pronoun(pair.text[start:end], pair.language)


def _who(pair: Pair, cue: Cue) -> range:
    """The words that tell who reports, within the clause of the cue."""
    first, last = pair.said.at(cue.start), pair.said.at(cue.end - 1)
    if cue.kind == "source" or pair.language in _VERB_FIRST:
        stop = _END.search(pair.text, cue.end)
        end = pair.said.at(stop.start()) + 1 if stop else len(pair.said)
        return range(last + 1, min(last + 1 + _SUBJECT, end))
    stops = [match.end() for match in _CLAUSE.finditer(pair.text, 0, cue.start)]
    begin = pair.said.at(stops[-1]) + 1 if stops else 0
    return range(max(begin, first - _SUBJECT), first)


def _reported(pair: Pair, cue: Cue, who: Collection[int]) -> list[int]:
    """The words that are reported: what follows the cue, or where nothing does what is before it."""
    first = pair.said.at(cue.start)
    content = [found.word for found in pair.found if found.word not in who]
    after = [word for word in content if word > first]
    told = after or [word for word in content if word < first]
    return told if len(told) >= _ENOUGH else []
