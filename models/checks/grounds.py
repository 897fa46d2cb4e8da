"""Which words of a text rest on which words of another, in one language or across two."""

from collections.abc import Sequence

from models.text.lexicon import Rest, lexicon
from models.text.stems import Word, words


def comparable(language: str, source_language: str) -> bool:
    """Whether `align` can tell anything for these languages."""
    return language == source_language or lexicon(source_language, language) is not None


def stemmed(text: str, language: str) -> list[Word]:
    """The words of `text` with the stems by which they are compared."""
    table = lexicon("ar", "en")
    return table.words(text, language) if table and language in ("ar", "en") else words(text, language)


def content(text: str, language: str) -> list[Word]:
    """The words of content of `text`: in a language that the table does not know, all."""
    table = lexicon("ar", "en")
    found = stemmed(text, language)
    if not table or language not in ("ar", "en"):
        return found
    return [word for word in found if table.rarity(word.stem, language) >= 0.3]


def origins(word: str, language: str, source_language: str) -> set[str]:
    """The stems of the source's language that one word of a text may rest on."""
    stems = {found.stem for found in stemmed(word, language)}
    table = lexicon(source_language, language) if language != source_language else None
    return stems | {source for stem in stems for source in table.sources(stem)} if table else stems


def align(text: str, language: str, source: str, source_language: str) -> Sequence[Rest]:
    """The words of `text`, in order, each with the word of `source` it rests on; weight 0 where it rests on none."""
    if language != source_language:
        table = lexicon(source_language, language)
        return table.align(text, source) if table else []
    places = {word.stem: word for word in reversed(stemmed(source, language))}
    found = []
    table = lexicon("ar", "en")
    for word in stemmed(text, language):
        if table and language in ("ar","en") and table.rarity(word.stem, language) < 0.3: continue
        place = places.get(word.stem)
        span = (place.start, place.end, 1.0) if place else (0, 0, 0.0)
        found.append(Rest(word.start, word.end, *span, 1.0))
    return found
