"""Names: each that a brief says must stand in the article, in whatever spelling."""

from collections.abc import Iterator

from models.text.names import Mention, Places, missing


def unknown(text: str, language: str, article: Places) -> Iterator[Mention]:
    """The names in `text` that stand nowhere in the article."""
    return iter(missing(text, article, language))
