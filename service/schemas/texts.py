"""Translation, summary, detection without a brief. Offsets count code points of the submitted (or extracted) text."""

from typing import Literal, Self

from pydantic import Field, model_validator

from service.schemas.base import Schema, Text
from service.schemas.briefs import (
    ArticlesRequest,
    Checks,
    Coverage,
    DroppedLine,
    Evidence,
    FailedItem,
    Flag,
    GivenGlossary,
    GlossaryUse,
    Language,
    LanguageOrAuto,
    Method,
    Origin,
    Provenance,
    SourceLanguage,
    TranslatedSentence,
)

Format = Literal["text", "html"]


class TextsRequest(Schema):
    """One text or several."""

    text: Text | list[Text] = Field(examples=["غمرت مياه الأمطار ثلاثة أحياء في العاصمة."])

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.text == []:
            raise ValueError("give at least one text")
        return self


class TranslateRequest(TextsRequest):
    """One text or several; `html` texts are pages, of which the article's own text is translated."""

    format: Format = "text"
    source: LanguageOrAuto = "auto"
    target: Language = "en"
    glossary: GivenGlossary = Field(default_factory=dict)


class TranslationAnswer(Schema):
    """A text's translation, whole and sentence by sentence. `text` is the text extracted from HTML, else null."""

    id: str | None = None
    translation: str
    sentences: list[TranslatedSentence]
    glossary: list[GlossaryUse]
    source_language: SourceLanguage
    target: Language
    text: str | None
    provenance: Provenance
    timing_ms: dict[str, float]


class Translations(Schema):
    """The answers to a list of texts, in its order."""

    translations: list[TranslationAnswer | FailedItem]


class SummarizeRequest(ArticlesRequest):
    """One article by `text` or `html`, or many by `articles`; `sentences` is a maximum."""

    sentences: int = Field(default=3, ge=1, le=5)


class SummarySentence(Schema):
    """A sentence of the summary and who wrote it: the model, or the article (`extract`); what it rests on, what to doubt."""

    text: str
    origin: Origin
    evidence: list[Evidence]
    flags: list[Flag]


class SummaryAnswer(Schema):
    """A summary in the article's own language. `text` is the text extracted from HTML, else null."""

    id: str | None
    summary: str
    sentences: list[SummarySentence]
    checks: Checks
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


class DetectRequest(TextsRequest):
    """One text or several."""


class Detections(Schema):
    """The answers to a list of texts, in its order."""

    detections: list[SourceLanguage | FailedItem]
