"""Requests as they should not be: seeded, so that a failure can be made again from its number."""

import json
import random
from collections.abc import Callable
from functools import cache

from tests.load.common import article

PATHS = ("/v1/brief", "/v1/translate", "/v1/summarize", "/v1/detect", "/translate", "/detect", "/v2/translate")
_BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
_ODD = (
    "\ud800",
    "\udfff",
    "\x00",
    "\ufeff",
    "\ufffe",
    "\u2028",
    "\x1b[31m",
    "\u0640" * 50,
    "\u0301" * 200,
    "\x7f",
    "\x85",
)
_SCRIPTS = ("خبر عاجل", "breaking", "новости", "新闻", "समाचार", "ข่าว", "חדשות", "νέα", "ニュース", "🇱🇧👩‍👩‍👧‍👦🔥")
_LARGE = 1_000_000

Draw = random.Random


def _text(draw: Draw) -> str:
    """A text that nobody wrote."""
    made: tuple[Callable[[], str], ...] = (
        lambda: "".join(draw.choice(_BIDI + " خبر a") for _ in range(draw.randrange(1, 400))),
        lambda: _sprinkled(draw, draw.choice(_ODD)),
        lambda: " ".join(draw.choice(_SCRIPTS) for _ in range(draw.randrange(1, 200))),
        lambda: "".join(chr(draw.randrange(0x110000)) for _ in range(draw.randrange(1, 300))),
        lambda: draw.choice("🔥😀👨‍👩‍👧") * draw.randrange(1, 2000),
        lambda: draw.choice((".", "؟", "\n", "\u00a0", "،", "0", "٣", "(", "&", "<")) * draw.randrange(1, 5000),
        lambda: "<" + "div>" * draw.randrange(1, 300) + "&#x" + "F" * draw.randrange(1, 20) + ";<!--<![CDATA[",
        lambda: "",
        lambda: article(draw.randrange(10_000), 2)[: draw.randrange(1, 200)],
    )
    return draw.choice(made)()


def _sprinkled(draw: Draw, odd: str) -> str:
    text = article(draw.randrange(10_000), 2)
    for _ in range(draw.randrange(1, 6)):
        place = draw.randrange(len(text) + 1)
        text = text[:place] + odd + text[place:]
    return text


def _body(draw: Draw, path: str) -> bytes:
    """JSON with a text nobody wrote where a text belongs; lone surrogates are escapes, as JSON lets them in."""
    own = "q" if path in ("/translate", "/detect") else "text"
    name = draw.choice((own, own, own, "html", "q", "articles", "source", "target", "glossary", "unknown"))
    value: object = _text(draw)
    if name == "articles":
        value = [{"text": _text(draw), "id": _text(draw)[:20]} for _ in range(draw.randrange(1, 4))]
    if name == "glossary":
        value = {_text(draw)[:50]: _text(draw)[:50] for _ in range(draw.randrange(4))}
    given = {name: value}
    if name in ("source", "target", "glossary"):
        given[own] = "خبر."
    if path in ("/translate", "/v2/translate"):
        given |= {"source": "auto", "target": "en", "target_lang": "EN"}
    if draw.random() < 0.1:
        given |= {"source": "ar", "target": "en"}
    return json.dumps(given).encode()


def _number(draw: Draw) -> bytes:
    number = draw.choice(
        (b"1" * 5000, b"1e400", b"-0", b"NaN", b"Infinity", b"9" * 400, b"0.1e-999", b"1.5", b"true", b"null")
    )
    return b'{"text": "x", "sentences": ' + number + b"}"


def _broken(draw: Draw, path: str) -> bytes:
    """A body that is no JSON, or not that of the contract."""
    body = _body(draw, path)
    made: tuple[Callable[[], bytes], ...] = (
        lambda: body[: draw.randrange(len(body))],
        lambda: b'{"text": ' + b"[" * (depth := draw.randrange(1, 100_000)) + b"]" * depth + b"}",
        lambda: b'{"text": "a", "text": ["b"], "text": 1}',
        lambda: body.decode().encode(draw.choice(("utf-16", "utf-32-be", "utf-8-sig"))),
        lambda: b'{"text": "\xff\xfe\x80 \xc3\x28"}',
        lambda: draw.randbytes(draw.randrange(1, 2000)),
        lambda: json.dumps(
            draw.choice(([], "x", 1, None, [[]], {"text": {}}, {"text": [[]]}, {"articles": {}}))
        ).encode(),
        lambda: _number(draw),
        lambda: b"",
        lambda: b'{"text": "' + b"\\u0000" * 100 + b"\\ud83d" + b'"}',
    )
    return draw.choice(made)()


@cache
def _endless() -> bytes:
    """A megabyte without a space."""
    return json.dumps({"text": "خ" * _LARGE}, ensure_ascii=False).encode()[:_LARGE] + b'"}'


def request(number: int) -> bytes:
    """Everything a client sends on one connection for case `number`."""
    draw = random.Random(number)
    path = draw.choice(PATHS)
    body = _endless() if number % 500 == 0 else draw.choice((_body, _broken))(draw, path)
    kind = draw.choice(("application/json",) * 12 + _KINDS)
    length = f"Content-Length: {len(body)}"
    content = body
    oddity = draw.randrange(20)
    if oddity == 0:
        length = (
            f"Content-Length: {draw.choice((-1, 0, len(body) // 2, len(body) + 10, '1e3', 'x', 10**20, '+5', '5, 6'))}"
        )
    elif oddity == 1:
        length, content = "Transfer-Encoding: chunked", _chunked(draw, body)
    elif oddity == 2:
        length = f"Transfer-Encoding: chunked\r\nContent-Length: {len(body)}"
    elif oddity == 3:
        length += "\r\n" + draw.choice(_HEADERS)
    elif oddity == 4:
        path += draw.choice(("?" + "a" * 5000, "/%00", "/../../etc/passwd", "%ff", "?text=%ff%fe", "//", " x"))
    head = f"POST {path} HTTP/1.1\r\nHost: mujaz\r\nContent-Type: {kind}\r\n{length}\r\nConnection: close\r\n\r\n"
    return head.encode("latin-1", "replace") + content


_KINDS = (
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "text/plain",
    "application/json; charset=utf-16",
    "application/xml",
    "",
    "application/" + "x" * 3000,
)
_HEADERS = (
    "Content-Encoding: gzip",
    "Expect: 100-continue",
    "Expect: x",
    "X-Request-ID: " + "a" * 20_000,
    "Content-Length: 3",
    "Upgrade: websocket",
    "Authorization: Bearer \xe9\xe9",
    "Authorization: DeepL-Auth-Key \x01",
    "Accept-Language: " + "x," * 3000,
    "Idempotency-Key: \xff",
)


def _chunked(draw: Draw, body: bytes) -> bytes:
    """`body` in chunks, more or less as they should be."""
    size = draw.choice(
        (f"{len(body):x}", f"{len(body):x};ext=1", "zz", "-1", "ffffffffffffffff", f"{len(body) + 1:x}", "0")
    )
    end = draw.choice(
        (b"\r\n0\r\n\r\n", b"\r\n0\r\nTrailer: x\r\n\r\n", b"\r\n", b"", b"\r\n0\r\n" + b"x: y\r\n" * 2000 + b"\r\n")
    )
    return size.encode() + b"\r\n" + body + end
