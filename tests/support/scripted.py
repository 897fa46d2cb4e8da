"""A runtime whose models say what a test has written down: for what becomes of outputs, not for how they are made."""

from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, cast

from models.batching.scheduler import Scheduler
from models.glossary import Glossary
from models.runtime import Runtime
from models.summarize import Summary
from models.translate import Translated
from models.work import Work
from service.drafting import Drafting
from service.limits import TextLimits
from service.reading import read_article
from service.schemas.briefs import Article

LIMITS = TextLimits(article_chars=20_000, html_chars=200_000)
TITLE = "أمطار غزيرة تغمر ثلاثة أحياء في نواكشوط"
FLOOD = {
    "غمرت مياه الأمطار ثلاثة أحياء في العاصمة نواكشوط فجر الثلاثاء.": "Rainwater flooded three districts in the capital "
    "Nouakchott at dawn on Tuesday.",
    "وقال المتحدث باسم البلدية إن الأمطار استمرت سبع ساعات.": "The municipality's spokesman said that the rain had lasted "
    "seven hours.",
    "وأصيب ستة أشخاص بجروح طفيفة، ولم تسجل أي وفاة.": "Six people were slightly injured, and no death was recorded.",
    "وأغلقت السلطات 35 مدرسة حتى مساء الأربعاء.": "The authorities closed 35 schools until Wednesday evening.",
    "ووزع متطوعون الطعام والبطانيات على 900 شخص.": "Volunteers distributed food and blankets to 900 people.",
    "واستخدم رجال الإطفاء 20 شاحنة لسحب المياه من الشوارع.": "Firefighters used 20 trucks to pump water from the streets.",
}
"""An article's sentences and their translations."""
ENGLISH = {TITLE: "Heavy rain floods three districts in Nouakchott", **FLOOD}


class Scripted:
    """Stands in for a runtime with one translator and one summarizer.

    `english` and `careful` translate; what `careful` does not have is as in `english`. `summaries` are written one after the
    other. What was asked for stands in `translated` (texts, whether cautiously) and `summarized` (texts, whether cautiously).
    """

    def __init__(
        self,
        summaries: Sequence[str] = (),
        english: Mapping[str, str] = ENGLISH,
        careful: Mapping[str, str] | None = None,
        languages: Sequence[str] = ("ar", "en"),
    ) -> None:
        self._summaries = list(summaries)
        self._english = english
        self._careful = careful or {}
        self._languages = languages
        self.translated: list[tuple[list[str], bool]] = []
        self.summarized: list[tuple[list[str], bool]] = []
        self.glossaries: list[Glossary | None] = []

    def summarizes(self, language: str) -> bool:
        return bool(self._summaries or self.summarized) and language in self._languages

    @asynccontextmanager
    async def translator(self, source: str, target: str) -> AsyncIterator["Scripted"]:
        yield self

    @asynccontextmanager
    async def summarizer(self, language: str) -> AsyncIterator["Scripted"]:
        yield self

    async def translate(
        self, texts: Sequence[str], work: Work, glossary: Glossary | None = None, *, cautiously: bool = False
    ) -> list[Translated]:
        self.translated.append((list(texts), cautiously))
        self.glossaries.append(glossary)
        said = {**self._english, **self._careful} if cautiously else self._english
        return [Translated(said[text]) for text in texts]

    async def summarize(self, sentences: Sequence[str], work: Work, *, cautiously: bool = False) -> Summary:
        self.summarized.append((list(sentences), cautiously))
        return Summary(self._summaries.pop(0), tuple(range(len(sentences))))

    def all_translated(self) -> list[str]:
        return [text for texts, _ in self.translated for text in texts]


def drafting(
    runtime: Scripted,
    text: str = "\n\n".join(FLOOD),
    title: str | None = TITLE,
    most: int = 3,
    glossary: Glossary | None = None,
) -> Drafting:
    """The drafting of a brief of `text` with the scripted models."""
    work = Work(cast(Scheduler, None), ThreadPoolExecutor(1))
    reading = read_article(Article(text=text, title=title), LIMITS)
    return Drafting(cast(Runtime, cast(Any, runtime)), work, reading, "en", most, glossary)
