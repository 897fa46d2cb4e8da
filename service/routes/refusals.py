"""The error answers that a route documents in the OpenAPI description."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from models import errors as domain
from models.errors import MujazError
from service.errors import TABLE, BodyTooLarge, BodyTooSlow, CrossSite, NotReady, ShuttingDown
from service.problems import HTTP, PROBLEM

Responses = dict[int | str, dict[str, Any]]

Errors = tuple[type[MujazError], ...]

GUARDED: Errors = (CrossSite, BodyTooLarge, BodyTooSlow, domain.Overloaded, domain.DeadlineExceeded, ShuttingDown)
"""What any request that brings work may be answered with."""
READING: Errors = (*GUARDED, domain.EmptyText, domain.InputTooLong, domain.LanguageUnknown)
"""What any route that reads texts may answer."""
MODELS: Errors = (domain.PairUnsupported, domain.WeightsMissing, domain.WeightsCorrupt, domain.EngineFailed, NotReady)
"""What a route that needs models may answer besides."""
PAGES: Errors = (domain.NoProse, domain.MarkupTooDeep)
"""What a route that reads whole articles or HTML may answer besides."""
TERMS: Errors = (domain.GlossaryInvalid,)
"""What a route that takes a glossary may answer besides."""


def refusals(*errors: type[MujazError]) -> Responses:
    """What a route with a JSON body, whose domain raises `errors`, may answer instead of 200: status to description."""
    return answers((400, 415, 422, 500), errors)


def refusal(*errors: type[MujazError]) -> Responses:
    """The error answers of a route without a body."""
    return answers((), errors)


def answers(statuses: Iterable[int], errors: Errors) -> Responses:
    """What HTTP itself refuses with `statuses`, and the domain with `errors`: status to description."""
    codes: dict[int, dict[str, None]] = defaultdict(dict)  # in order, once each
    for status in statuses:
        codes[status][HTTP[status][0]] = None
    for error in errors:
        codes[TABLE[error].status][error.code] = None
    return {status: _answer(list(names)) for status, names in sorted(codes.items())}


def add_refusals(responses: Responses, *errors: type[MujazError]) -> None:
    """Document these error answers too, beside those that `responses` of an OpenAPI description has."""
    for error in errors:
        status = str(TABLE[error].status)
        if status not in responses:
            responses[status] = _answer([error.code])
        elif error.code not in responses[status]["description"]:
            told = responses[status]["description"].removesuffix(".")
            responses[status]["description"] = f"{told}, {error.code}."


def _answer(codes: list[str]) -> dict[str, Any]:
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {"description": f"Problem with one of the codes: {', '.join(codes)}.", "content": {PROBLEM: schema}}
