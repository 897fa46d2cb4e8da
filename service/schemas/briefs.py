"""A brief: what is asked, what is answered. Offsets count Unicode code points of the submitted (or extracted) text."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from service.schemas.base import Schema, Text

Route = Literal["summarize-first", "translate-first"]
Origin = Literal["model", "extract"]
Method = Literal["model", "mixed", "extract"]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$", examples=["ar"])]
LanguageOrAuto = Annotated[str, Field(pattern=r"^(auto|[a-z]{2,3})$", examples=["auto"])]


class Article(Schema):
    """One article: `text` or `html`, not both. `title` is the headline, if it is known apart from the text."""

    id: Text | None = Field(default=None, max_length=200)
    title: Text | None = Field(default=None, max_length=1000)
    text: Text | None = None
    html: Text | None = None
    source: LanguageOrAuto = "auto"

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if (self.text is None) == (self.html is None):
            raise ValueError("give either 'text' or 'html'")
        return self


class ArticlesRequest(Schema):
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


class BriefOptions(Schema):
    """How a brief is made; `sentences` is a maximum."""

    target: Language = "en"
    route: Route = "summarize-first"
    sentences: int = Field(default=3, ge=1, le=5)
    translation: bool = False


class BriefRequest(BriefOptions, ArticlesRequest):
    """One article by `text` or `html`, or many by `articles`, and how their briefs are made."""


class Title(Schema):
    source: str
    translation: str


class BriefSentence(Schema):
    """A sentence of the brief, the source-language text it translates (if it is a translation), and who wrote it."""

    text: str
    source: str | None
    origin: Origin


class TranslatedSentence(Schema):
    source: str
    translation: str
    start: int
    end: int


class Translation(Schema):
    """The full translation, sentence by sentence."""

    text: str
    sentences: list[TranslatedSentence]


class Coverage(Schema):
    """How many of the article's sentences the summarizer read."""

    sentences_read: int
    sentences_total: int


class DroppedLine(Schema):
    text: str
    reason: str


class SourceLanguage(Schema):
    code: str
    confidence: float


class UsedModel(Schema):
    """A model that had a part in an answer."""

    job: Literal["translate", "summarize"]
    id: str
    revision: str | None
    licence: str
    sample: bool


class Provenance(Schema):
    """Enough to make the answer again. `notice` is set when sample models made it; `route` where one was taken.

    `dtype` is the number format; `vocabulary` names the languages that the models' output is restricted to: none, it is whole.
    """

    models: list[UsedModel]
    engine: str
    dtype: str
    vocabulary: list[str]
    device: str
    beams: int
    route: Route | None
    version: str
    input_sha256: str
    created: str
    notice: str | None


class Brief(Schema):
    """An English brief of one article."""

    id: str | None
    title: Title | None
    brief: str
    brief_source: str | None
    sentences: list[BriefSentence]
    translation: Translation | None
    coverage: Coverage
    method: Method
    dropped: list[DroppedLine]
    source_language: SourceLanguage
    text: str | None
    provenance: Provenance
    timing_ms: dict[str, float]


class ItemError(Schema):
    """Why one article of a batch has no brief."""

    code: str
    message: str


class FailedItem(Schema):
    id: str | None
    error: ItemError


class Briefs(Schema):
    """The answers to a batch, in the order of its articles."""

    briefs: list[Brief | FailedItem]
