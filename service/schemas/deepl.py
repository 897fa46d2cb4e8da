"""DeepL's requests and answers. Parameters that it does not know are passed over, as DeepL does."""

from typing import Annotated, Literal

from pydantic import Field

from service.schemas.base import Schema, Text
from service.schemas.libretranslate import Lenient

Formality = Literal["default", "more", "less", "prefer_more", "prefer_less"]
ModelType = Literal["latency_optimized", "quality_optimized", "prefer_quality_optimized"]
Names = Text | list[Text]


class DeepLTranslation(Lenient):
    """Texts, the language to translate them into, and the language that they are in, unless it is to be told.

    `ignore_tags`, `splitting_tags` and `non_splitting_tags` go with `tag_handling` `xml`.
    """

    text: Annotated[
        Annotated[Text, Field(min_length=1)] | Annotated[list[Text], Field(min_length=1)],
        Field(examples=[["أغلقت السلطات 35 مدرسة."]]),
    ]
    target_lang: Annotated[Text, Field(min_length=1, examples=["EN-US"])]
    source_lang: Annotated[Text, Field(examples=["AR"])] | None = None
    split_sentences: Literal["0", "1", "nonewlines"] | None = None
    preserve_formatting: bool = False
    formality: Formality = "default"
    model_type: ModelType | None = None
    glossary_id: Text | None = None
    tag_handling: Literal["html", "xml"] | None = None
    ignore_tags: Names = Field(default_factory=list)
    splitting_tags: Names = Field(default_factory=list)
    non_splitting_tags: Names = Field(default_factory=list)
    show_billed_characters: bool = False
    auth_key: Text | None = None


class DeepLTranslated(Schema):
    """A translation and the language of its source."""

    detected_source_language: str
    text: str
    billed_characters: int | None = None
    model_type_used: ModelType | None = None


class DeepLTranslations(Schema):
    """The translations, in the order of the texts."""

    translations: list[DeepLTranslated]


class DeepLListing(Lenient):
    """Whether languages are listed that are translated from, or into."""

    type: Literal["source", "target"] = "source"
    auth_key: Text | None = None


class DeepLLanguage(Schema):
    """A language by DeepL's code; of those that are translated into, whether there is a choice of formality."""

    language: str
    name: str
    supports_formality: bool | None = None


class DeepLUsage(Schema):
    """Characters translated, and the most that may be, in this period."""

    character_count: int
    character_limit: int


class DeepLPair(Schema):
    source_lang: str
    target_lang: str


class DeepLPairs(Schema):
    """Pairs of languages for which glossaries can be made."""

    supported_languages: list[DeepLPair]


class DeepLError(Schema):
    """Why a request was refused."""

    message: str
