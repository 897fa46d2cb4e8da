"""Negation and denial: nothing may be denied that the source affirms, nor affirmed that it denies.

A cue of negation holds for the words beside it. Each cue of one side looks for a cue of the other whose words translate its own.
How surely one without its like was added, or lost, depends on much: how closely the text follows the source, which of the words
beside the cue are found there, and which cue it is. `judge.py` weighs what is measured here, and in `opposites.py`.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

from models.checks import opposites
from models.checks.claim import SURE, Pair
from models.checks.cues import Cue
from models.checks.judge import Doubt, judge
from models.checks.sides import Ground, Side, comparable, turning

_CONTEXT = 5  # words before a cue of the text that tell which passage it stands in
_BARE = (3, 6)  # words before a cue and behind it that are not bare of it
_WIDEST = 30  # words between those of a passage, more are as many


def turned(pairs: Sequence[Pair], others: Sequence[Pair] = ()) -> Iterator[Doubt]:
    """What a text denies and none of its sources does, what one denies and the text does not, and what is the opposite there.

    `pairs` are all of one text, the best source first; `others` are the text and sources that it rests on less, where something
    may be denied, too.
    """
    return filter(judge("negation").convinced, doubts(pairs, others))


def doubts(pairs: Sequence[Pair], others: Sequence[Pair] = ()) -> Iterator[Doubt]:
    """Each cue of the text, each of its sources that holds for something that the text says, and each opposite that they have."""
    if not pairs:
        return
    said = Side(pairs[0].text, pairs[0].language, pairs[0].said)
    grounds = [Ground(pair, said) for pair in pairs if comparable(said, pair)]
    yield from opposites.doubts(said, grounds)
    if not said.strong and not any(ground.origin.strong for ground in grounds):
        return
    matched = set().union(*(ground.matched[0] for ground in grounds))
    added = said.strong if grounds else []
    apart = (
        [Ground(pair, said) for pair in others if turning(pair) and comparable(said, pair)]
        if set(added) - matched
        else []
    )
    for cue in added:
        yield _added(cue, said, grounds, () if cue in matched else apart)
    covered: set[int] = set()  # words that rest on a better source
    for rank, ground in enumerate(grounds):
        for cue in ground.origin.strong:
            if doubt := _lost(cue, ground, rank, covered):
                yield doubt
        covered |= {here for here, _ in ground.pair.links}


def _added(cue: Cue, said: Side, grounds: Sequence[Ground], others: Sequence[Ground]) -> Doubt:
    """What tells whether a cue of the text was added: what its sources say of what it denies, and which cues they have."""
    signs = max((_denied(cue, ground) for ground in grounds), key=lambda found: found["denied"] + found["first"])
    strong = max(ground.most_like(cue, ground.origin.strong, here=True) for ground in grounds)
    soft = max(ground.most_like(cue, ground.origin.soft, here=True) for ground in grounds)
    alone = not any(ground.origin.cues for ground in grounds)
    matched = any(cue in ground.matched[0] for ground in grounds)
    signs |= _elsewhere(cue, others)
    signs |= {
        "rendered": max(ground.rendered(cue, here=True) for ground in grounds),
        "whole": float(grounds[0].pair.whole),
        "alone": float(alone),
        "alone in a whole": float(alone and grounds[0].pair.whole),
        "alone retold": alone * signs["retold there"] ** 4,
        "retold": grounds[0].pair.share,
        "denial": float(cue.kind == "denial"),
        "phrase": float(said.phrase(cue)),
        "others here": min(2.0, len(said.strong) - 1),
        "matched": float(matched),
        "alike": strong.held,
        "shared": max(ground.shared(cue, ground.origin.strong, here=True) for ground in grounds),
        "near": min(strong.near, 3.0),
        "alike soft": soft.held,
        "near soft": min(soft.near, 3.0),
        "opposite": float(any(opposites.answers(cue, ground, here=True) for ground in grounds)),
        "near faint": min(3.0, max(ground.beside(cue, ground.origin.faint, here=True) for ground in grounds)),
        "sources with cues": float(sum(bool(ground.origin.strong) for ground in grounds)),
        "sources with soft cues": float(sum(bool(ground.origin.soft) for ground in grounds)),
        "affirmed there": float(any(_affirmed_there(cue, ground) for ground in grounds)),
        "free there": min(2.0, sum(b not in ground.matched[1] for ground in grounds for b in ground.origin.strong)),
    }
    return Doubt("added", cue.start, cue.end, grounds[0].pair.index, cue.phrase, signs)


def _bare(links: Iterable[tuple[int, int]], scope: range, other: Side) -> bool:
    """Whether the first words that a cue holds for and that the other side has stand there without a cue beside them.

    `links` are numbers of words of the cue's side, each with that of one of the other side.
    """
    found = sorted((one, place) for one, place in links if one in scope)
    places = [place for one, place in found if one == found[0][0]]
    return bool(places) and not any(place in other.around(cue, _BARE) for place in places for cue in other.cues)


def _elsewhere(cue: Cue, grounds: Sequence[Ground]) -> dict[str, float]:
    """How alike a cue of the text is to any of sources that the text rests on less."""
    strong = [ground.most_like(cue, ground.origin.strong, here=True) for ground in grounds]
    soft = [ground.most_like(cue, ground.origin.soft, here=True) for ground in grounds]
    return {
        "elsewhere": max((like.held for like in strong), default=0.0),
        "shared elsewhere": max(
            (ground.shared(cue, ground.origin.strong, here=True) for ground in grounds), default=0.0
        ),
        "near elsewhere": min(max((like.near for like in strong), default=0), 3.0),
        "soft elsewhere": max((like.held for like in soft), default=0.0),
    }


def _denied(cue: Cue, ground: Ground) -> dict[str, float]:
    """How surely a source has the words that a cue of the text denies, and those before it."""
    pair, scope = ground.pair, ground.said.scope(cue)
    shares = [found.share for found in pair.found if found.word in scope]
    return {
        "first": shares[0] if shares else 0.0,
        "second": shares[1] if len(shares) > 1 else 0.0,
        "denied": pair.share_of(scope),
        "denied words": min(5.0, len(shares)),
        "found words": float(sum(share >= SURE for share in shares)),
        "before": pair.share_of(range(scope.start - _CONTEXT, scope.start)),
        "retold there": pair.share,
        "bare": float(_bare(pair.links, scope, ground.origin)),
    }


def _lost(cue: Cue, ground: Ground, rank: int, covered: Collection[int]) -> Doubt | None:
    """What tells whether the text lost a cue of its source: how much of what it holds for the text says, and where."""
    pair, said, origin = ground.pair, ground.said, ground.origin
    scope = origin.scope(cue)
    words = {here for here, there in pair.links if there in scope}
    opposite = _affirmed(cue, ground)
    near = {here for here, there in pair.links if there in origin.before(cue)}
    if words or near:
        place = said.span((words or near) - set(covered) or words or near)
    elif opposite:
        place = opposite.start, opposite.end
    else:
        return None
    strong, soft = ground.most_like(cue, said.strong, here=False), ground.most_like(cue, said.soft, here=False)
    signs = _said_of(cue, ground, words) | {
        "whole": float(pair.whole),
        "alone": float(not said.cues),
        "alone in a whole": float(pair.whole and not said.cues),
        "alone retold": (not said.cues) * pair.share**4,
        "retold": pair.share,
        "rank": float(rank),
        "denial": float(cue.kind == "denial"),
        "phrase": float(origin.phrase(cue)),
        "rendered": ground.rendered(cue, here=False),
        "matched": float(cue in ground.matched[1]),
        "alike": strong.held,
        "shared": ground.shared(cue, said.strong, here=False),
        "near": min(strong.near, 3.0),
        "alike soft": soft.held,
        "near soft": min(soft.near, 3.0),
        "opposite": float(opposites.answers(cue, ground, here=False)),
        "near faint": min(3.0, ground.beside(cue, said.faint, here=False)),
        "cues here": min(2.0, len(said.strong)),
        "soft cues here": min(2.0, len(said.soft)),
        "others there": min(2.0, len(origin.strong) - 1),
        "near words": min(3.0, len(near)),
        "spread": min(_WIDEST, max(words | near) - min(words | near)) / _WIDEST if words else 1.0,
        "covered": len(words & set(covered)) / len(words) if words else 0.0,
        "affirmed": float(opposite is not None),
    }
    return Doubt("lost", *place, pair.index, cue.phrase, signs)


def _said_of(cue: Cue, ground: Ground, words: Collection[int]) -> dict[str, float]:
    """How much the text says of what a cue of the source holds for; `words` are those by which it says it."""
    pair, scope = ground.pair, ground.origin.scope(cue)
    content = [word for word in scope if word in pair.content]
    found = {there for _, there in pair.links if there in scope}
    return {
        "words": min(4.0, len(words)),
        "held": min(4.0, len(content)),
        "said": len(found) / len(content) if content else 0.0,
        "first": float(bool(content) and content[0] in found),
        "surest": max((found.share for found in pair.found if found.word in words), default=0.0),
        "bare": float(_bare(((there, here) for here, there in pair.links), scope, ground.said)),
        "dense": pair.share_of(range(min(words) - 2, max(words) + 3)) if words else 0.0,
    }


def _affirmed(cue: Cue, ground: Ground) -> Cue | None:
    """What affirms in the text what a denial in the source is about."""
    if cue.kind != "denial":
        return None
    there = ground.origin.affirming
    own = [a for a in ground.said.affirming if not any(ground.together(a, b) for b in there)]
    return next((a for a in own if ground.together(a, cue)), None)


def _affirmed_there(cue: Cue, ground: Ground) -> bool:
    """Whether the source affirms what a cue of the text denies, and the text does not affirm it too."""
    here = ground.said.affirming
    own = [b for b in ground.origin.affirming if not any(ground.together(a, b) for a in here)]
    return any(ground.together(cue, b) for b in own)
