"""What is submitted becomes sentences: checked, extracted, cleaned, its language told. Runs in a text thread."""

from dataclasses import dataclass
from hashlib import sha256

from models.errors import EmptyText, NoProse
from models.text.clean import clean
from models.text.detect import detect
from models.text.html import extract
from models.text.normalise import normalise
from models.text.segment import sentences
from models.types import Detection, Dropped, Sentence
from service.limits import TextLimits
from service.schemas.briefs import Article


@dataclass(frozen=True, slots=True)
class Reading:
    """An article as the models will see it. `text` is what was extracted from HTML, else None."""

    sentences: tuple[Sentence, ...]
    title: str | None
    dropped: tuple[Dropped, ...]
    language: Detection
    text: str | None
    sha256: str

    def texts(self) -> list[str]:
        return [sentence.text for sentence in self.sentences]


def read_article(article: Article, limits: TextLimits) -> Reading:
    """Keep the prose of an article. Raises `EmptyText`, `NoProse`, `InputTooLong`, `MarkupTooDeep`, `LanguageUnknown`."""
    text, title = _text(article, limits)
    cleaned = clean(text, article.title or title)
    if not cleaned.paragraphs:
        raise NoProse(
            "Only captions, menus and the like were found, no sentence of an article; send the article's own text."
        )
    language = _language(article, "\n".join(paragraph.text for paragraph in cleaned.paragraphs))
    return Reading(
        tuple(sentences(cleaned.paragraphs, language.code)),
        cleaned.title.text if cleaned.title else None,
        cleaned.dropped,
        language,
        text if article.html is not None else None,
        _digest(article),
    )


def read_text(article: Article, limits: TextLimits) -> Reading:
    """Keep everything of a text that is to be translated. Raises as `read_article` does, but for `NoProse` of a text."""
    text, _ = _text(article, limits)
    language = _language(article, text)
    found = tuple(sentences([normalise(text)], language.code))
    return Reading(found, None, (), language, text if article.html is not None else None, _digest(article))


def _text(article: Article, limits: TextLimits) -> tuple[str, str | None]:
    """The text, and the title that its page tells."""
    if article.html is None:
        text, title = article.text or "", None
    else:
        limits.check_html(article.html)
        if not article.html.strip():
            raise EmptyText("The article is empty.")
        page = extract(article.html)
        text, title = page.text, page.title
    limits.check_text(text)
    if not normalise(text).text.strip():
        raise EmptyText("The article is empty.")
    return text, title


def _language(article: Article, text: str) -> Detection:
    return detect(text) if article.source == "auto" else Detection(article.source, 1.0)


def _digest(article: Article) -> str:
    submitted = article.text if article.html is None else article.html
    return sha256((submitted or "").encode("utf-8", "surrogatepass")).hexdigest()
