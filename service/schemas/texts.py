"""Translation, summary, detection without a brief. Offsets count code points of the submitted (or extracted) text."""

from typing import Literal, Self

from pydantic import Field, model_validator

from service.schemas.base import Schema, Text
from service.schemas.briefs import (
    Article,
    Coverage,
    DroppedLine,
    FailedItem,
    Language,
    LanguageOrAuto,
    Method,
    Origin,
    Provenance,
    SourceLanguage,
    TranslatedSentence,
)

Format = Literal["text", "html"]


class TranslateRequest(Schema):
    """One text or several; `html` texts are pages, of which the article's own text is translated."""

    text: Text | list[Text] = Field(examples=["غمرت مياه الأمطار ثلاثة أحياء في العاصمة."])
    format: Format = "text"
    source: LanguageOrAuto = "auto"
    target: Language = "en"

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.text == []:
            raise ValueError("give at least one text")
        return self


class TranslationAnswer(Schema):
    """A text's translation, whole and sentence by sentence. `text` is the text extracted from HTML, else null."""

    id: str | None = None
    translation: str
    sentences: list[TranslatedSentence]
    source_language: SourceLanguage
    target: Language
    text: str | None
    provenance: Provenance
    timing_ms: dict[str, float]


class Translations(Schema):
    """The answers to a list of texts, in its order."""

    translations: list[TranslationAnswer | FailedItem]


class SummaryOptions(Schema):
    """How a summary is made; `sentences` is a maximum."""

    sentences: int = Field(default=3, ge=1, le=5)


class SummarizeRequest(SummaryOptions):
    """One article by `text` or `html`, or many by `articles`."""

    text: Text | None = None
    html: Text | None = None
    articles: list[Article] | None = Field(default=None, min_length=1)
    source: LanguageOrAuto = "auto"

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if sum(given is not None for given in (self.text, self.html, self.articles)) != 1:
            raise ValueError("give exactly one of 'text', 'html' and 'articles'")
        return self


class SummarySentence(Schema):
    """A sentence of the summary and who wrote it: the model, or the article (`extract`)."""

    text: str
    origin: Origin


class SummaryAnswer(Schema):
    """A summary in the article's own language. `text` is the text extracted from HTML, else null."""

    id: str | None
    summary: str
    sentences: list[SummarySentence]
    coverage: Coverage
    method: Method
    dropped: list[DroppedLine]
    source_language: SourceLanguage
    text: str | None
    provenance: Provenance
    timing_ms: dict[str, float]


class Summaries(Schema):
    """The answers to a batch, in the order of its articles."""

    summaries: list[SummaryAnswer | FailedItem]


class DetectRequest(Schema):
    """One text or several."""

    text: Text | list[Text] = Field(examples=["غمرت مياه الأمطار ثلاثة أحياء في العاصمة."])

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.text == []:
            raise ValueError("give at least one text")
        return self


class Detections(Schema):
    """The answers to a list of texts, in its order."""

    detections: list[SourceLanguage | FailedItem]
