"""What the service says about itself: languages, models, health, and problems (RFC 9457)."""

from typing import Literal

from service.schemas.base import Schema


class LanguageInfo(Schema):
    """A language that can be read: the languages it can be translated into, and whether a summarizer reads it."""

    code: str
    targets: list[str]
    summarize: bool


class Languages(Schema):
    languages: list[LanguageInfo]


class ModelInfo(Schema):
    """A checkpoint of the catalogue. `commercial` tells whether its licence allows commercial use."""

    id: str
    job: Literal["translate", "summarize"]
    repo: str
    sources: list[str]
    targets: list[str]
    licence: str
    commercial: bool
    sample: bool
    state: Literal["missing", "available", "loaded"]
    revision: str | None


class Models(Schema):
    """What there is, and how all of it is computed: `dtype` is the number format; `vocabulary` names the languages that the
    models' output is restricted to: none, it is whole."""

    engine: str
    dtype: str
    vocabulary: list[str]
    device: str
    models: list[ModelInfo]


class Health(Schema):
    """The process answers."""

    status: Literal["ok"] = "ok"
    version: str


class Readiness(Schema):
    """The models answer."""

    status: Literal["ready"] = "ready"


class FieldProblem(Schema):
    """What is wrong with one field of a request; never its value."""

    where: str
    message: str


class Problem(Schema):
    """An error, RFC 9457. `code` is stable; `request_id` is what to quote to the operator."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[FieldProblem] | None = None
