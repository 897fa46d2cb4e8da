"""No text is expensive: what reads articles takes twice the time for twice the text, whatever the text is."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from models.checks import article as checked
from models.checks import cues, opposites
from models.checks.inspect import inspect
from models.errors import MujazError
from models.glossary import Glossary
from models.guard import fault
from models.text import names, numbers
from models.text.html import extract
from service.limits import TextLimits
from service.reading import read_article, read_text
from service.schemas.briefs import Article
from service.uploads.encoding import decode

LIMITS = TextLimits(10**6, 10**6)
TERMS = Glossary.parse("البنك الدولي\tWorld Bank\nمليون\tmillion")
SENTENCE = "قال الوزير إن الاجتماع سيعقد غدا في العاصمة."

UNITS = (
    *(
        "a",
        "ب",
        "1",
        "٣",
        " ",
        "\n",
        ".",
        ",",
        '"',
        "'",
        "«",
        "(",
        ")",
        "[",
        "()",
        "[](){}",
        "-",
        "—",
        ":",
        "/",
        "%",
        "$",
        "؟",
    ),
    *(
        "a.",
        "1.",
        "1,",
        "1 ",
        "1-",
        "1/",
        "1:",
        "1/1/",
        "a ",
        "ب ",
        "a\n",
        "ب\n",
        ".\n",
        "\r\n",
        "a-",
        "A.",
        "Abc ",
        "$1",
        "و",
    ),
    *(
        "\u064e",
        "ـ",
        "\u200f",
        "\u200d",
        "😀",
        "a\u0301",
        "\u00a0",
        "\ufffd",
        "\x00",
        "\u2028",
        "中",
        "<",
        "<a>",
        "<!--",
        "&",
    ),
    *(
        "&#1;",
        "http://a.b/",
        "a@b.",
        "مليون ",
        "ومليون",
        "مئة و",
        "hundred ",
        "twenty-",
        "one thousand and ",
        "قال إن ",
    ),
    *("لم ", "not ", "said that ", "بن ", "Al-", "of the ", "January 1, ", "يناير ", "2020-", "البنك ", "في المئة "),
    *("فتح ", "closed "),
)

READERS: dict[str, Callable[[str], object]] = {
    "an Arabic article": lambda text: read_article(Article(text=text, source="ar"), LIMITS),
    "an article": lambda text: read_article(Article(text=text), LIMITS),
    "a text": lambda text: read_text(Article(text=text, source="en"), LIMITS),
    "a page": lambda text: extract(f"<p>{text}"),
    "a file": lambda text: decode(text.encode("windows-1256", "replace")),
    "Arabic numbers": lambda text: numbers.read(text, "ar"),
    "English numbers": lambda text: numbers.read(text, "en"),
    "names": lambda text: names.find(text, "en"),
    "Arabic opposites": lambda text: opposites.read(text, "ar"),
    "Arabic cues": lambda text: cues.read(text, "ar"),
    "a glossary's terms": TERMS.find,
    "a faulty output": lambda text: fault(SENTENCE, text, "ar", "en"),
    "a brief as long as a translator writes": lambda text: inspect(
        [checked.Line(text[:LINE], text[:LINE])], checked.Article([text], "ar"), "en"
    ),
    "the article of a brief of unknown names": lambda text: inspect(
        [checked.Line("Xandor Quillby met Brevik Tolman in Sarnov.")], checked.Article([text], "ar"), "en"
    ),
    "a brief's article": lambda text: inspect([checked.Line("Two people.")], checked.Article([text], "ar"), "en"),
}
LINE = 300  # characters of a sentence of a brief; a model writes no longer ones
SHORT, TIMES, ALLOWED = 1_500, 4, 10  # four times the text: 4 when linear, 16 when quadratic
NOTICEABLE = 0.2  # seconds of CPU for the longer text, below which no ratio tells anything


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Ends with an error what takes more CPU time; exponential time would otherwise never end."""

    def late(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def cost(read: Callable[[str], object], text: str) -> float:
    started = time.process_time()
    with suppress(MujazError):
        read(text)
    return time.process_time() - started


def superlinear(read: Callable[[str], object], text: str) -> bool:
    """Never reads the same text twice: some readers remember what they have read."""
    if cost(read, text) <= NOTICEABLE:
        return False
    longer = min(cost(read, mark + text) for mark in ("u ", "v "))
    shorter = min(cost(read, mark + text[:SHORT]) for mark in ("x ", "y ", "z "))
    return longer > max(NOTICEABLE, ALLOWED * shorter)


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_four_times_the_text_takes_nothing_like_sixteen_times_as_long(name: str) -> None:
    bad = []
    cost(READERS[name], SENTENCE)
    for unit in UNITS:
        try:
            with within(60):
                worse = superlinear(READERS[name], unit * (SHORT * TIMES // len(unit)))
        except TimeoutError:
            worse = True
        if worse:
            bad.append(unit)
    assert bad == []
