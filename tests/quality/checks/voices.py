"""Attribution: taken from a claim, given to another, accuser and accused changed about; and paraphrased, which is faithful."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from base import Change, Draft, capitalise, content, substitute, tables

_VERBS = tables()["attribution"]["verbs"]
_SAID = re.compile(
    rf"^(?P<lead>(?:[A-Z][\w' -]{{2,40}}, )?)(?P<who>[^,.\"]{{3,90}}(?:, [^,.\"]{{3,60}},)?) (?P<verb>{_VERBS}) "
    rf"(?P<that>that )?(?P<claim>[^\"]+)$"
)
_SOURCE = re.compile(r"(?:, according to [^,.]+|, [^,.\"]{3,60} (?:said|announced))(?=[.]$)")
_UNFIT = re.compile(
    r"^(?:his|her|their|its|he|she|it|they|this|that|these|those|only|in|at|on|after|to|a|an|during|what|who|"
    r"there|we|such|some of)\b",
    re.IGNORECASE,
)
_JOINED = re.compile(
    r"\band (?:that|called|asked|urged|demanded|warned|announced|added)\b"
)  # the speaker goes on speaking
_SELF = [
    (r"\b(?:say|says) (?:they|it) (has|have)\b", r"\1"),
    (r"\bwhich it said had\b", "which had"),
    (r"\bthat (?:it says|they say) (it|they|its|their) (?=\w+)", r"that \1 "),
]
# A firm and those who speak for it are one voice.
_FIRM = re.compile(
    r"(?i)compan|airline|bank|executive|director|spokes|governor|firm|group|maker|manager|factory|ministry|minister"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that says who says what."""

    lead: str
    who: str
    verb: str
    that: str
    claim: str


def read(sentence: str) -> Claim | None:
    match = _SAID.match(sentence)
    if (
        not match
        or _JOINED.search(match["claim"])
        or re.search(r"\b(who|which|that|said|and|after|when)$", match["who"])
        or re.match(r"^(?:He|She|It|They|In|On|At|For|As|After)\b", match["who"])
    ):
        return None
    if re.search(
        r"\b(?:was|were|had|has|have|is|are|did|when|because|while|after|rose|broke|(?!United|based|named)\w+ed)\b",
        match["who"],
    ):
        return None
    return Claim(match["lead"], match["who"], match["verb"], match["that"] or "", match["claim"])


def changes(draft: Draft, rng: random.Random) -> Iterator[Change]:
    made = [*_removed(draft), *_given(draft), *_turned(draft)]
    rng.shuffle(made)
    yield from made


def _removed(draft: Draft) -> Iterator[Change]:
    """Only of one who makes claims, and of a claim that neither title nor summary tells as a fact."""
    last = draft.pairs[-1].en
    before = " ".join(pair.en for pair in draft.pairs[:-1])
    if draft.style != "gold":
        claim = read(last)
        told = f"{draft.article.title.en} {draft.article.summary.en}"
        fit = claim and re.search(tables()["attribution"]["claimants"], claim.who) and not _UNFIT.match(claim.claim)
        if claim and fit and (claim.that or claim.verb == "said") and _new(claim.claim, told):
            yield Change("attribution:removed", f"{before} {capitalise(_direct(claim.claim))}".strip())
        short = _SOURCE.sub("", last)
        if short != last and _new(short, told):
            yield Change("attribution:removed", f"{before} {short}".strip())
    else:
        for old, new in _SELF:
            text = re.sub(old, new, last, count=1)
            if text != last:
                yield Change("attribution:removed", text)


def _new(claim: str, told: str) -> bool:
    words = content(claim)
    return len(words & content(told)) * 3 < len(words)


def _direct(claim: str) -> str:
    """Reported speech made direct."""
    return re.sub(r"\bwould\b", "will", claim)


def _given(draft: Draft) -> Iterator[Change]:
    """The words of one party put into the mouth of another that speaks in the same article."""
    last = draft.pairs[-1].en
    claim = read(last)
    if not claim or draft.style == "gold" or not _past(claim):
        return
    before = " ".join(pair.en for pair in draft.pairs[:-1])
    for pair in draft.article.sentences:
        other = read(pair.en)
        if (
            other
            and _past(other)
            and not (_FIRM.search(other.who) and _FIRM.search(claim.who))
            and not _alike(other.who, claim.who)
            and not _UNFIT.match(claim.claim)
            and other.who.split()[0] not in ("His", "Her", "Its")
        ):
            said = f"{claim.lead}{other.who if claim.lead == '' else _lower(other.who)} {claim.verb} {claim.that}{claim.claim}"
            yield Change("attribution:speaker", f"{before} {capitalise(said)}".strip())


def _past(claim: Claim) -> bool:
    """Whether a claim can change its speaker as it stands: the past tense goes with one and with many."""
    return claim.verb.endswith("ed") or claim.verb == "said" if claim.that else claim.verb == "said"


def _alike(one: str, two: str) -> bool:
    return bool(content(one) & content(two)) or {one.split()[-1]} & {two.split()[-1]} != set()


def _lower(who: str) -> str:
    return re.sub(r"^(The|A|An|One|Two|Some)\b", lambda match: match.group().lower(), who)


def _turned(draft: Draft) -> Iterator[Change]:
    """Accuser and accused changed about."""
    found = re.finditer(
        r"(?:^|(?<=\. ))(?P<one>[A-Z][^,.\"]{2,50}?) (?P<has>has |have )?accused "
        r"(?P<two>(?:the )?(?:[A-Z][\w'-]*(?: [A-Z][\w'-]*)*|government|coalition|army|police)) of\b",
        draft.en,
    )
    for match in found:
        two = match["two"]
        has = "" if not match["has"] else "have " if two.endswith("s") else "has "
        turned = f"{capitalise(two)} {has}accused {_lower(match['one'])} of"
        yield Change("attribution:turned", draft.en[: match.start()] + turned + draft.en[match.end() :])


def paraphrased(draft: Draft, rng: random.Random) -> Iterator[Change]:
    """The same said with another verb of saying, or with "according to"."""
    rules = [(rf"\b{old}\b", new) for old, new in tables()["attribution"]["paraphrases"]]
    for text in substitute(draft.en, rules, rng):
        yield Change("faithful:attribution", text, draft.ar)


def according(draft: Draft) -> Iterator[Change]:
    claim = read(draft.pairs[-1].en)
    if (
        claim
        and claim.verb in ("said", "explained", "stressed", "affirmed")
        and (claim.that or claim.verb == "said")
        and not claim.lead
    ) and not _UNFIT.match(claim.claim):
        before = " ".join(pair.en for pair in draft.pairs[:-1])
        text = f"According to {_lower(claim.who).rstrip(',')}, {claim.claim}"
        yield Change("faithful:attribution", f"{before} {text}".strip(), draft.ar)
