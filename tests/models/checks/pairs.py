"""A text beside what it must agree with, as the tests of single checks need it."""

from models.checks.claim import Pair
from models.text.detect import detect


def translation(text: str, source: str) -> Pair:
    """A text that says all of its source."""
    return Pair(text, detect(text).code, source, detect(source).code, whole=True)


def retelling(text: str, sentence: str) -> Pair:
    """A text that says something of a sentence of the article."""
    return Pair(text, detect(text).code, sentence, detect(sentence).code, whole=False, index=0)
