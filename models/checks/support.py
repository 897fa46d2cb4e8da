"""Support: what a sentence of a brief says must stand somewhere in the article."""

from collections.abc import Sequence

from models.checks.claim import Pair

LEAST = 0.3  # share of a sentence's content, words weighed by their rarity, that its sources must have together
_RUN = 6


def share(pairs: Sequence[Pair]) -> float:
    """How much of a text's content its sources have together; `pairs` are all of one text."""
    weights = _best(pairs)
    total = sum(rarity for _, rarity in weights)
    return sum(weight * rarity for weight, rarity in weights) / total if total else 1.0


def unsupported(pairs: Sequence[Pair]) -> list[tuple[int, int]]:
    """Passages (start, end) of a text whose words of content, `_RUN` or more in a row, stand in none of its sources."""
    found: list[tuple[int, int]] = []
    run: list[int] = []
    rests = pairs[0].rests if pairs else []
    weights = [weight for weight, _ in _best(pairs)]
    for number, weight in enumerate([*weights, 1.0]):
        if weight < 0.15:
            run.append(number)
            continue
        if len(run) >= _RUN:
            found.append((rests[run[0]].start, rests[run[-1]].end))
        run = []
    return found


def _best(pairs: Sequence[Pair]) -> list[tuple[float, float]]:
    """For each word of content the weight with which it rests on the best of the sources, and its rarity."""
    together = zip(*(pair.rests for pair in pairs), strict=True)
    return [(max(rest.weight for rest in rests), rests[0].rarity) for rests in together]
