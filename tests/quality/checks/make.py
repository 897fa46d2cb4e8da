"""Makes `test.jsonl`, `validation.jsonl` and `dev-hard.jsonl`, the labelled briefs for `mujaz eval checks`.

    python tests/quality/checks/make.py [--output FOLDER]

Seeded: the same corpus gives the same files. `README.md` says what is in them.
"""

import argparse
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

FOLDER = Path(__file__).parent
sys.path[:0] = [str(FOLDER.parents[2])]

import added  # noqa: E402
import faithful  # noqa: E402
import figures  # noqa: E402
import naming  # noqa: E402
import polarity  # noqa: E402
import voices  # noqa: E402
from base import Change, Draft, drafts  # noqa: E402

from models.training.data import Article, Split, read_corpus  # noqa: E402

SEED = "mujaz labelled briefs 1"
SPLITS: tuple[Split, ...] = ("test", "validation")
Row = dict[str, str]

# How many rows of each kind are drawn, hand-made ones aside. What a kind cannot give is given by the others of its label.
QUOTAS = {
    "faithful:gold": 40, "faithful:extract": 30, "faithful:mixed": 26, "faithful:rounded": 18,
    "faithful:number-form": 18, "faithful:spelling": 20, "faithful:attribution": 20, "faithful:acronym": 8,
    "faithful:wording": 16, "faithful:shortened": 10, "faithful:reordered": 10, "number:digit": 12, "number:word": 10,
    "number:magnitude": 5, "number:scale": 5, "number:percent": 5, "number:year": 4, "number:date": 2,
    "number:exchanged": 4, "name:place": 12, "name:person": 5, "name:given": 5, "name:family": 7,
    "name:organisation": 6, "name:country": 6, "name:nationality": 4, "name:lookalike": 4, "negation:dropped": 14,
    "negation:denied": 6, "negation:reversed": 10, "negation:added": 13, "attribution:removed": 15,
    "attribution:speaker": 14, "attribution:turned": 3, "repetition:sentence": 14, "repetition:word": 10,
    "repetition:phrase": 12, "repetition:clause": 6, "foreign:near": 18, "foreign:far": 14, "foreign:untranslated": 8,
    "unsupported:victims": 6, "unsupported:time": 6, "unsupported:cause": 6, "unsupported:reaction": 8,
    "unsupported:place": 4, "unsupported:outcome": 6, "unsupported:motive": 3, "unsupported:means": 2,
    "unsupported:detail": 4,
}  # fmt: skip
# Draws that were read and whose label was wrong or in doubt.
REJECTED = {
    "g07-06 attribution:speaker", "e10-06 attribution:removed", "p06-06 attribution:removed",
    "a08-06 attribution:removed", "n01-06 attribution:speaker", "c05-06 attribution:removed",
    "m01-05 attribution:speaker", "a06-05 attribution:speaker",
    "o10-06 attribution:removed", "p09-06 unsupported:place",
}  # fmt: skip
_MOST = 5  # rows of one article


def make(split: Split) -> list[Row]:
    """The rows of a split: drawn ones, then hand-made ones."""
    articles = read_corpus().articles[split]
    rows: list[Row] = []
    used: Counter[str] = Counter()
    for kind, quota in QUOTAS.items():
        rng = random.Random(f"{SEED} {split} {kind}")
        for draft, change in draw(kind, quota, articles, used, rng):
            rows.append(row(draft, change, random.Random(f"{SEED} {draft.article.id} {kind}")))
    rows.extend(_by_hand({article.id: article for article in articles}, random.Random(f"{SEED} {split} hard")))
    rows.sort(key=lambda row: row["id"])
    return rows


def draw(
    kind: str, quota: int, articles: Sequence[Article], used: Counter[str], rng: random.Random
) -> Iterator[tuple[Draft, Change]]:
    label = kind.partition(":")[0]
    left = quota
    order = sorted(articles, key=lambda article: (used[article.id], rng.random()))
    for article in order:
        if not left:
            return
        if used[article.id] >= _MOST or f"{article.id} {kind}" in REJECTED:
            continue
        own = random.Random(f"{SEED} {article.id} {kind} draft")
        for draft in drafts(article, own):
            change = next((change for change in _changes(label, draft, articles, own) if change.kind == kind), None)
            if change and change.en != (draft.en if label != "faithful" else ""):
                used[article.id] += 1
                left -= 1
                yield draft, change
                break


def _changes(label: str, draft: Draft, articles: Sequence[Article], rng: random.Random) -> Iterator[Change]:
    if label == "foreign":
        return added.foreign(draft, articles, rng)
    makers: dict[str, Callable[[Draft, random.Random], Iterator[Change]]] = {
        "faithful": faithful.changes,
        "number": figures.changes,
        "name": naming.changes,
        "negation": polarity.changes,
        "attribution": voices.changes,
        "repetition": added.repetitions,
        "unsupported": added.unsupported,
    }
    return makers[label](draft, rng)


def row(draft: Draft, change: Change, rng: random.Random) -> Row:
    """One row: a tenth reads an English article, a third of the others have no Arabic brief."""
    label = change.kind.partition(":")[0]
    chance = rng.random()
    english = rng.random() < 0.12 and change.kind != "foreign:untranslated"
    source: str | None = None
    if label == "faithful":
        source = change.ar if chance < 2 / 3 else None
    elif chance < 1 / 3:
        source = draft.ar
    elif chance < 2 / 3:
        source = change.ar
    return _shaped(draft.article, english, change.en, None if english else source, change.kind, "")


def _shaped(article: Article, english: bool, brief: str, source: str | None, kind: str, hand: str) -> Row:
    text = article.text("en" if english else "ar")
    brief = re.sub(r"  +", " ", brief).strip()
    row = {"id": f"{article.id}/{kind.replace(':', '-')}{hand}", "text": text, "brief": brief}
    if source:
        row["brief_source"] = source
    return row | {"label": kind.partition(":")[0], "kind": kind}


def _by_hand(articles: dict[str, Article], rng: random.Random) -> Iterator[Row]:
    """The lines of `hard.tsv` that belong to these articles: article, base, kind, old => new [;; old => new ...]."""
    for number, line in enumerate((FOLDER / "hard.tsv").read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        article_id, base, kind, edits = line.split("\t")
        if article_id not in articles:
            continue
        article = articles[article_id]
        parts = [article.summary if part == "M" else article.sentences[int(part)] for part in base.split("+")]
        brief = " ".join(pair.en for pair in parts)
        for edit in edits.split(" ;; ") if edits != "-" else ():
            old, new = edit.split(" => ") if " => " in edit else (edit.removesuffix(" =>"), "")
            if brief.count(old) != 1:
                raise ValueError(f"hard.tsv:{number}: {old!r} stands {brief.count(old)} times in {brief!r}")
            brief = brief.replace(old, new)
        # The Arabic is true here: all of these are faults, or liberties, of a translator.
        source = " ".join(pair.ar for pair in parts) if rng.random() < 0.4 else None
        yield _shaped(article, False, brief, source, kind, f"-hand{number}")


def make_written() -> list[Row]:
    """The lines of `dev-hard.tsv`, about training articles: article, kind, language of the text, source, brief.

    The source is what the brief translates: parts of the article ("M": its summary, "0+3": sentences), Arabic text, or
    "-" for none.
    Raises ValueError naming the line when one is malformed or reads an article that is not for training.
    """
    articles = {article.id: article for article in read_corpus().articles["train"]}
    rows: list[Row] = []
    count: Counter[str] = Counter()
    for number, line in enumerate((FOLDER / "dev-hard.tsv").read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) != 5 or cells[0] not in articles or cells[2] not in ("ar", "en"):
            raise ValueError(
                f"dev-hard.tsv:{number}: expected a training article, kind, ar or en, source, brief: {line!r}"
            )
        article, (kind, language, source, brief) = articles[cells[0]], cells[1:]
        if re.fullmatch(r"[M\d+]+", source):
            parts = [article.summary if part == "M" else article.sentences[int(part)] for part in source.split("+")]
            source = " ".join(pair.ar for pair in parts)
        count[article.id] += 1
        arabic = None if source == "-" else source
        rows.append(_shaped(article, language == "en", brief, arabic, kind, f"-{count[article.id]}"))
    return rows


def write(rows: Sequence[Row], path: Path) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the labelled briefs.")
    parser.add_argument("--output", type=Path, default=FOLDER, help="folder to write to (default: %(default)s)")
    folder = parser.parse_args().output
    for split in SPLITS:
        write(make(split), folder / f"{split}.jsonl")
    write(make_written(), folder / "dev-hard.jsonl")


if __name__ == "__main__":
    main()
