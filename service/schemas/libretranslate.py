"""LibreTranslate's requests and answers. Parameters that it does not know are passed over, as LibreTranslate does."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StrictInt

from service.schemas.base import Schema, Text


class Lenient(Schema):
    """A request of clients that were not written for us."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


_Some = Annotated[Text, Field(min_length=1)]
Texts = Annotated[_Some | Annotated[list[Text], Field(min_length=1)], Field(examples=["أغلقت السلطات 35 مدرسة."])]
Source = Annotated[Text, Field(min_length=1, examples=["ar", "auto"])]
Target = Annotated[Text, Field(min_length=1, examples=["en"])]


class LibreText(Lenient):
    """A text, or a list of texts, that are told the language of."""

    q: Texts
    api_key: Text | None = None


class LibreTranslation(LibreText):
    """What is translated, from which language (`auto`: each text is told its own) into which, as text or HTML.

    Alternatives may be asked for; there are none.
    """

    source: Source
    target: Target
    format: Literal["text", "html"] = "text"
    alternatives: StrictInt | Annotated[str, Field(pattern=r"^-?[0-9]{1,9}$")] = 0


class LibreFile(Lenient):
    """The language of a file, and the language to translate it into."""

    source: Source
    target: Target
    api_key: Text | None = None


class LibreDetection(Schema):
    """A language, and how sure that is, from 0 to 100."""

    confidence: float
    language: str


class LibreTranslated(Lenient):
    """The translation of a text, or of each of a list; so the other fields. Without `auto` no language is told."""

    translated_text: str | list[str] = Field(serialization_alias="translatedText")
    detected_language: LibreDetection | list[LibreDetection] | None = Field(
        default=None, serialization_alias="detectedLanguage"
    )
    alternatives: list[str] | list[list[str]] | None = None


class LibreTranslatedFile(Lenient):
    """Where the translated file can be fetched."""

    translated_file_url: str = Field(serialization_alias="translatedFileUrl")


class LibreLanguage(Schema):
    code: str
    name: str
    targets: list[str]


class LibreNamed(Schema):
    code: str
    name: str


class LibreChosen(Schema):
    """The languages that a page begins with."""

    source: LibreNamed
    target: LibreNamed


class LibreSettings(Lenient):
    """What a page that is put before the service has to know. `charLimit` is that of one text."""

    api_keys: bool = Field(serialization_alias="apiKeys")
    char_limit: int = Field(serialization_alias="charLimit")
    files_translation: bool = Field(serialization_alias="filesTranslation")
    frontend_timeout: int = Field(serialization_alias="frontendTimeout")
    key_required: bool = Field(serialization_alias="keyRequired")
    suggestions: bool
    supported_files_format: list[str] = Field(serialization_alias="supportedFilesFormat")
    language: LibreChosen


class LibreHealth(Schema):
    status: Literal["ok"] = "ok"


class LibreError(Schema):
    """Why a request was refused."""

    error: str
