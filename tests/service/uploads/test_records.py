"""Articles as JSON: one that is bad stands alone, and no error quotes the input."""

import io

import pytest

from models.errors import InputRefused
from service.limits import TextLimits
from service.schemas.briefs import Article, FailedItem
from service.uploads.records import read_array, read_lines

LIMITS = TextLimits(100, 100)


def test_every_line_is_an_article_or_its_own_error() -> None:
    data = b'{"text": "a", "id": "x"}\n\n{"secret": 1}\nsecret\n{"text": "' + b"x" * 900 + b'"}\n{"html": "b"}'
    first, *bad, last = read_lines(io.BytesIO(data), "f", "ar", LIMITS)
    assert isinstance(first, Article) and (first.id, first.source) == ("x", "ar")
    assert isinstance(last, Article) and (last.id, last.html) == ("f:6", "b")
    assert [(item.id, item.error.code) for item in bad if isinstance(item, FailedItem)] == [
        ("f:3", "input_refused"),
        ("f:4", "input_refused"),
        ("f:5", "too_long"),
    ]


def test_every_item_of_an_array_is_an_article_or_its_own_error() -> None:
    data = '\ufeff[{"text": "a", "source": "fa"}, 1, {"text": "a", "html": "b"}, {"text": "\\ud800"}, {"html": "b"}]'
    items = list(read_array(data.encode(), "f", "ar"))
    assert [item.id for item in items] == [f"f:{number}" for number in range(1, len(items) + 1)]
    assert [isinstance(item, Article) for item in items] == [True, False, False, True, True]


def test_an_object_is_one_article() -> None:
    assert list(read_array(b'{"id": "x", "text": "a"}', "f", "auto")) == [Article(id="x", text="a")]


@pytest.mark.parametrize("data", [b"[", b"[]", b"[" * 100_000, b'{"a":' * 100_000, b"[1" + b"0" * 100_000])
def test_what_is_no_json_of_articles_is_refused_whole(data: bytes) -> None:
    with pytest.raises(InputRefused):
        list(read_array(data, "f", "auto"))


@pytest.mark.parametrize("data", [b"[" * 100_000, b'"secret"', b"1e999999", b'{"secret": 1}'])
def test_a_line_is_told_from_no_article_and_never_quoted(data: bytes) -> None:
    (item,) = read_lines(io.BytesIO(data), "f", "auto", TextLimits(10**6, 10**6))
    assert isinstance(item, FailedItem)
    assert "secret" not in item.error.message.replace("secret: Extra inputs", "")
