"""A brief: what is asked, what is answered. Offsets count Unicode code points of the submitted (or extracted) text."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from models.checks.report import Kind, Status
from models.glossary import LONGEST, MOST_ENTRIES
from service.schemas.base import Schema, Text

Route = Literal["summarize-first", "translate-first", "both"]
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


GlossaryTerm = Annotated[Text, Field(min_length=1, max_length=LONGEST)]
GivenGlossary = Annotated[
    dict[GlossaryTerm, GlossaryTerm],
    Field(
        max_length=MOST_ENTRIES,
        examples=[{"القاهرة": "Al Qahira"}],
        description="Source terms, each with its translation.",
    ),
]


class BriefOptions(Schema):
    """How a brief is made; `sentences` is a maximum. `both` routes are compared; the brief is that of `summarize-first`."""

    target: Language = "en"
    route: Route = "summarize-first"
    sentences: int = Field(default=3, ge=1, le=5)
    translation: bool = False


class BriefRequest(BriefOptions, ArticlesRequest):
    """One article by `text` or `html`, or many by `articles`, and how their briefs are made.

    The entries of `glossary` go before those of the server's.
    """

    glossary: GivenGlossary = Field(default_factory=dict)


class Evidence(Schema):
    """A sentence of the article that a sentence of the brief rests on; `score` from 0 to 1 tells how well it bears it out."""

    start: int
    end: int
    text: str
    score: float


class Passage(Schema):
    """A place in the article."""

    start: int
    end: int


class Flag(Schema):
    """Something to doubt: `start:end` is the place in the text of the brief's sentence number `sentence`, from 0.

    `sentence` is null where the place is in the title's translation. `against` are the article's sentences that speak against
    it; none where nothing in the article bears it out.
    """

    kind: Kind
    detail: str
    sentence: int | None
    start: int
    end: int
    against: list[Passage]


class Title(Schema):
    """The headline, its translation, and what to doubt in that."""

    source: str
    translation: str
    flags: list[Flag]


class Repair(Schema):
    """What a sentence, or the title, was before it was decoded again or replaced by the article's own sentences, and why."""

    action: Literal["decoded-again", "replaced"]
    text: str
    reasons: list[str]


class Checks(Schema):
    """`pass`: every check ran and found nothing; `partial`: some could not run for the languages; `review`: read the flags.

    `flags` are those of the title and of all sentences.
    """

    status: Status
    run: list[Kind]
    unavailable: list[Kind]
    flags: list[Flag]
    repairs: list[Repair]


class BriefSentence(Schema):
    """A sentence of the brief, the source-language text it translates (if it is a translation), and who wrote it.

    `evidence` is what it rests on in the article, best first; `flags` is what to doubt in it.
    """

    text: str
    source: str | None
    origin: Origin
    evidence: list[Evidence]
    flags: list[Flag]


class Difference(Schema):
    """A number or a name that only one route's brief has, and whether the article has it: null where that cannot be told."""

    kind: Literal["number", "name"]
    text: str
    route: Literal["summarize-first", "translate-first"]
    in_article: bool | None


class Comparison(Schema):
    """The brief that the other route gave, not repaired, and where the two disagree in numbers and names.

    Where there is no other route to take, `brief` is null and `reason` says why.
    """

    route: Literal["summarize-first", "translate-first"]
    brief: str | None
    reason: str | None
    differences: list[Difference]


class GlossaryUse(Schema):
    """A glossary entry whose term stands in the title, a sentence of the brief or of the full translation, and if it was applied.

    `source_text` and `translation` are that sentence and its translation; the offsets count in them.
    """

    source: str
    target: str
    applied: bool
    reason: str | None
    source_text: str
    source_start: int
    source_end: int
    translation: str
    start: int | None
    end: int | None


class TranslatedSentence(Schema):
    """`doubt` says what is wrong with a translation that stayed faulty after it was decoded again."""

    source: str
    translation: str
    start: int
    end: int
    doubt: str | None


class Translation(Schema):
    """The full translation, sentence by sentence."""

    text: str
    sentences: list[TranslatedSentence]


class Coverage(Schema):
    """How many of the article's sentences the summarizer read, or the brief was chosen from where nothing of its is left."""

    sentences_read: int
    sentences_total: int


class DroppedLine(Schema):
    text: str
    reason: str


class SourceLanguage(Schema):
    code: str
    confidence: float


class Decoding(Schema):
    """How a model writes; names and meanings are those of transformers' `GenerationConfig`. Repairs take other settings."""

    beams: int
    max_tokens: int
    min_tokens: int
    length_penalty: float
    early_stopping: bool
    no_repeat_ngram: int


class UsedModel(Schema):
    """A model that had a part in an answer, be it that what it wrote was replaced."""

    job: Literal["translate", "summarize"]
    id: str
    revision: str | None
    licence: str
    sample: bool
    decoding: Decoding


class Provenance(Schema):
    """Enough to make the answer again. `notice` is set when sample models made it; `route` where one was taken.

    `sentences` is the most that was asked for, `glossary_sha256` the digest of the entries in force, `dtype` the number format;
    `vocabulary` names the languages that the models' output is restricted to: none, it is whole. `cached`: made for an earlier
    request, at the time `created`.
    """

    models: list[UsedModel]
    engine: str
    dtype: str
    vocabulary: list[str]
    device: str
    beams: int
    route: Route | None
    sentences: int | None
    glossary_sha256: str | None
    version: str
    input_sha256: str
    created: str
    cached: bool = False
    notice: str | None


class Brief(Schema):
    """An English brief of one article."""

    id: str | None
    title: Title | None
    brief: str
    brief_source: str | None
    sentences: list[BriefSentence]
    translation: Translation | None
    checks: Checks
    comparison: Comparison | None
    glossary: list[GlossaryUse]
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
