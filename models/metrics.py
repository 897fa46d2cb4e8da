"""The figures by which texts are compared with references: chrF and BLEU (sacrebleu), ROUGE (rouge-score)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from models.text.normalise import fold

_WORD = re.compile(r"\w+")


class _WordTokenizer:
    """Words of any script, folded (case, alef, yaa, taa marbuta, no vowel marks), so that spelling alone costs nothing.

    rouge-score's own tokenizer keeps only a-z and 0-9 and would find nothing in Arabic.
    """

    def tokenize(self, text: str) -> list[str]:
        return _WORD.findall(fold(text))


@dataclass(frozen=True, slots=True)
class Rouge:
    """Mean F1 of ROUGE-1, ROUGE-2 and ROUGE-L, from 0 to 100."""

    rouge1: float
    rouge2: float
    rouge_l: float


def rouge_each(outputs: Sequence[str], references: Sequence[str]) -> list[Rouge]:
    """One `Rouge` for each output and its reference."""
    scorer = RougeScorer(["rouge1", "rouge2", "rougeL"], tokenizer=_WordTokenizer())
    rows = [scorer.score(reference, output) for output, reference in zip(outputs, references, strict=True)]
    return [Rouge(*(100 * row[name].fmeasure for name in ("rouge1", "rouge2", "rougeL"))) for row in rows]


def rouge(outputs: Sequence[str], references: Sequence[str]) -> Rouge:
    """The mean over all outputs, each against its one reference."""
    rows = rouge_each(outputs, references)
    means = (sum(values) / len(rows) for values in zip(*((r.rouge1, r.rouge2, r.rouge_l) for r in rows), strict=True))
    return Rouge(*means)


def chrf(outputs: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """Corpus chrF2; `references` holds one list for each set of references."""
    return float(CHRF().corpus_score(list(outputs), [list(side) for side in references]).score)


def bleu(outputs: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """Corpus BLEU with sacrebleu's default tokenizer; `references` as in `chrf`."""
    return float(BLEU().corpus_score(list(outputs), [list(side) for side in references]).score)
