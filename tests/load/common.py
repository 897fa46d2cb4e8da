"""What the load scripts share: distinct articles, the machine they ran on, and where their figures go."""

import json
import os
import random
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import torch

from models.benchmark.machine import hardware, versions
from models.training.data import read_corpus
from service.version import VERSION

RESULTS = Path(__file__).parent / "results"


@cache
def _articles() -> tuple[tuple[str, ...], ...]:
    """The Arabic sentences of every article of the written corpus, shuffled: long ones and short ones at any time."""
    splits = read_corpus().articles.values()
    found = [tuple(pair.ar for pair in article.sentences) for articles in splits for article in articles]
    random.Random(0).shuffle(found)
    return tuple(found)


def sentences(number: int) -> list[str]:
    """The sentences of article `number`; no two numbers share a sentence, so that no cache of texts helps."""
    found = _articles()[number % len(_articles())]
    return [f"{sentence.rstrip('.')} رقم {number}." for sentence in found]


def article(number: int, most: int | None = None) -> str:
    """Article `number` as one text, of at most `most` sentences."""
    return "\n".join(sentences(number)[:most])


def machine() -> dict[str, Any]:
    """The hardware, its load now, and the versions of what runs."""
    return {"hardware": hardware(torch.device("cpu")), "nice": os.nice(0), "versions": versions(VERSION)}


def percentile(values: list[float], share: float) -> float:
    """The value that `share` of `values` do not exceed; 0 where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def write(name: str, figures: Mapping[str, Any], folder: Path = RESULTS) -> Path:
    """Write `figures` as JSON, for people and for the next run to compare with."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
