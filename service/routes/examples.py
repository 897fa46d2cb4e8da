"""Request examples for the OpenAPI description. The sentences are invented."""

from typing import Any

_SENTENCE = "غمرت مياه الأمطار ثلاثة أحياء في العاصمة فجر الثلاثاء، واضطرت نحو 400 أسرة إلى مغادرة منازلها."
_HTML = f"<html><body><article><h1>أمطار غزيرة</h1><p>{_SENTENCE}</p></article></body></html>"

Examples = dict[str, Any]


def _example(summary: str, **value: object) -> dict[str, Any]:
    return {"summary": summary, "value": value}


BRIEF: Examples = {
    "text": _example("One article as text", text=_SENTENCE),
    "html": _example("One article as a page, with its full translation", html=_HTML, translation=True),
    "batch": _example(
        "Several articles",
        articles=[{"id": "a", "text": _SENTENCE}, {"id": "b", "html": _HTML, "source": "ar"}],
        sentences=2,
    ),
}
TRANSLATE: Examples = {
    "text": _example("One text", text=_SENTENCE, source="ar", target="en"),
    "list": _example("Several texts, languages told by themselves", text=[_SENTENCE, "Il pleut sur la ville."]),
    "html": _example("A page", text=_HTML, format="html"),
}
SUMMARIZE: Examples = {
    "text": _example("One article, in its own language", text=_SENTENCE, sentences=1),
    "batch": _example("Several articles", articles=[{"id": "a", "text": _SENTENCE}]),
}
DETECT: Examples = {
    "text": _example("One text", text=_SENTENCE),
    "list": _example("Several texts", text=[_SENTENCE, "It rained."]),
}
JOB: Examples = {
    "articles": _example(
        "Several articles, and how their briefs are made",
        articles=[{"id": "a", "text": _SENTENCE}, {"id": "b", "html": _HTML, "source": "ar"}],
        sentences=2,
    ),
}
JOB_LINES = f'{{"id": "a", "text": "{_SENTENCE}"}}\n{{"id": "b", "text": "{_SENTENCE}"}}\n'
"""The same as JSON Lines."""
