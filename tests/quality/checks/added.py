"""What does not belong: repetition, sentences of another article, details that nothing supports."""

import random
import re
from collections.abc import Iterator, Sequence

from base import Change, Draft, content, tables, whole

from models.training.data import Article
from models.training.names import names


def repetitions(draft: Draft, rng: random.Random) -> Iterator[Change]:
    """As models repeat themselves; the Arabic likewise where the place is plain."""
    en, ar = draft.en, draft.ar
    first = draft.pairs[0]
    made = [
        Change("repetition:sentence", f"{en} {draft.pairs[-1].en}", f"{ar} {draft.pairs[-1].ar}"),
        Change("repetition:sentence", " ".join([first.en] * 3), " ".join([first.ar] * 3)),
    ]
    if len(draft.pairs) > 1:
        made.append(Change("repetition:sentence", f"{en} {first.en}", f"{ar} {first.ar}"))
    words = list(re.finditer(r"\b(the|of|in|and|said|from|has|to)\b", en))
    if words:
        word = rng.choice(words)
        looped = " ".join([word.group()] * rng.randint(4, 9))
        arabic = list(re.finditer(r"(?<!\w)(في|من|على|أن|إلى)(?!\w)", ar))
        place = rng.choice(arabic) if arabic else None
        other = f"{ar[: place.start()]}{' '.join([place.group()] * 6)}{ar[place.end() :]}" if place else None
        made.append(Change("repetition:word", en[: word.start()] + looped + en[word.end() :], other))
    phrases = list(re.finditer(r"\b(?:in|of|from|at|on|to|for) (?:the )?(?:\w+ )?[A-Za-z'-]{3,}(?= )", en))
    if phrases:
        phrase = rng.choice(phrases)
        made.append(
            Change(
                "repetition:phrase", en[: phrase.end()] + f" {phrase.group()}" * rng.randint(3, 6) + en[phrase.end() :]
            )
        )
        made.append(Change("repetition:phrase", en[: phrase.end()] + f" {phrase.group()}" * rng.randint(8, 15)))
    clauses = re.findall(r", ([^,]{20,90})\.$", en)
    if clauses:
        made.append(Change("repetition:clause", en[:-1] + f", {clauses[0]}" * 2 + "."))
    rng.shuffle(made)
    yield from made


def foreign(draft: Draft, others: Sequence[Article], rng: random.Random) -> Iterator[Change]:
    """A sentence of another article added or put in the place of one; "near" where both articles are of one file."""
    text = content(whole(draft.article, "en"))
    pool = [other for other in others if other.id != draft.article.id]
    near = [other for other in pool if other.id[0] == draft.article.id[0]] or pool
    made = []
    for kind, source in (("near", rng.choice(pool)), ("far", rng.choice(pool)), ("near", rng.choice(near))):
        strange = [pair for pair in (*source.sentences, source.summary) if _apart(pair.en, text)]
        if source.id[0] != draft.article.id[0]:
            kind = "far"
        if strange:
            pair = rng.choice(strange)
            keep = draft.pairs[: max(1, len(draft.pairs) - 1)] if rng.random() < 0.5 else draft.pairs
            pairs = [*keep, pair] if rng.random() < 0.7 else [pair, *keep]
            made.append(Change(f"foreign:{kind}", " ".join(p.en for p in pairs), " ".join(p.ar for p in pairs)))
    made.extend(_untranslated(draft))
    rng.shuffle(made)
    yield from made


def _apart(sentence: str, text: set[str]) -> bool:
    words = content(sentence)
    begins = re.match(r"^(He|She|It|They|His|Her|Their|Its|This|That|But|However|Nevertheless)\b", sentence)
    return len(words) >= 7 and len(words & text) * 3 < len(words) and not begins


def _untranslated(draft: Draft) -> Iterator[Change]:
    """What a translator left in Arabic: the last sentence, or a name."""
    if len(draft.pairs) > 1:
        kept = " ".join(pair.en for pair in draft.pairs[:-1])
        yield Change("foreign:untranslated", f"{kept} {draft.pairs[-1].ar}")
        words = draft.pairs[-1].ar.split()
        yield Change("foreign:untranslated", f"{draft.en[:-1]} {' '.join(words[-4:])}")
    for name in names():
        if (
            name.en in draft.en
            and re.search(rf"(?<![\w-]){re.escape(name.en)}(?![\w-])", draft.en)
            and name.ar in draft.ar
        ):
            yield Change("foreign:untranslated", re.sub(rf"(?<![\w-]){re.escape(name.en)}(?![\w-])", name.ar, draft.en))


def unsupported(draft: Draft, rng: random.Random) -> Iterator[Change]:
    """A detail that fits the subject and that the article does not give."""
    en, text = draft.en, whole(draft.article, "en")
    made = []
    for kind, where, absent, addition in tables()["unsupported"]["tail"]:
        if _plain(draft.pairs[-1].en) and re.search(where, draft.pairs[-1].en) and not re.search(absent, text):
            made.append(Change(f"unsupported:{kind}", en[:-1] + addition + "."))
    for kind, where, absent, addition, arabic in tables()["unsupported"]["sentence"]:
        if re.search(where, en) and not re.search(absent, text):
            made.append(Change(f"unsupported:{kind}", f"{en} {addition}", f"{draft.ar} {arabic}"))
    rng.shuffle(made)
    yield from made


def _plain(sentence: str) -> bool:
    """Whether something can be hung on the end of a sentence and be read with its main clause."""
    return (
        len(sentence) < 150
        and not re.search(r'[,":;]', sentence)
        and not re.search(r"\b(which|that|who|although)\b", sentence)
    )
