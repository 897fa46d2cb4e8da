"""What becomes of every error: one table from domain errors to HTTP statuses and exit codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from models import errors as domain
from models.errors import MujazError
from service.schemas.briefs import FailedItem, ItemError
from service.uploads.errors import FileKindRefused, FileUnreadable


class BodyTooLarge(MujazError):
    """The request body exceeds the limit; it was not read to its end."""

    code = "body_too_large"


class BodyTooSlow(MujazError):
    """The request body did not arrive in time."""

    code = "body_too_slow"


class CrossSite(MujazError):
    """A page of another site had a browser send the request."""

    code = "cross_site"


class BadParameter(MujazError):
    """A parameter of a request to a peer's endpoint is missing, or is none that can be served."""

    code = "bad_parameter"


class UnknownResource(MujazError):
    """What a request to a peer's endpoint refers to does not exist: a glossary, a translated file."""

    code = "unknown_resource"


class NotReady(MujazError):
    """The models are still being loaded."""

    code = "not_ready"


class StoreUnavailable(MujazError):
    """The database cannot be used; nothing was stored."""

    code = "store_unavailable"


class KeyMissing(MujazError):
    """The request has no API key, and needs one."""

    code = "key_missing"


class KeyInvalid(MujazError):
    """The API key is not known, was revoked or has expired."""

    code = "key_invalid"


class ScopeMissing(MujazError):
    """The API key is not for this."""

    code = "scope_missing"

    def __init__(self, message: str = "", scope: str = "") -> None:
        """`scope` is the one that the key would need."""
        super().__init__(message)
        self.scope = scope


class TooMuch(MujazError):
    """The API key has had its share; `seconds` says after which time there is more."""

    def __init__(self, message: str = "", seconds: int = 1) -> None:
        super().__init__(message)
        self.seconds = seconds


class RateExceeded(TooMuch):
    """More requests than the API key has a minute."""

    code = "rate_exceeded"


class QuotaExceeded(TooMuch):
    """More characters than the API key has for a day."""

    code = "quota_exceeded"


class MediaTypeRefused(MujazError):
    """The body is of a kind that this address does not read."""

    code = "unsupported_media_type"


class JobUnknown(MujazError):
    """There is no such job of this caller's."""

    code = "job_unknown"


class KeyReused(MujazError):
    """An idempotency key came with another request than at first."""

    code = "idempotency_key_reused"


class PoisonArticle(MujazError):
    """The server ended again and again while it computed this article and nothing else."""

    code = "poison_article"


class WebhookRefused(MujazError):
    """A webhook leads where the operator does not let it."""

    code = "webhook_refused"


class ShuttingDown(MujazError):
    """The server finishes what it has and takes in nothing more."""

    code = "shutting_down"


class Exit(IntEnum):
    """Exit codes of every command."""

    OK = 0
    SOME_FAILED = 1
    USAGE = 2
    WEIGHTS_MISSING = 3


@dataclass(frozen=True, slots=True)
class Row:
    """What becomes of an error: HTTP status, title of the problem, exit code of a command."""

    status: int
    title: str
    exit: Exit = Exit.SOME_FAILED


TABLE: Mapping[type[MujazError], Row] = {
    MujazError: Row(500, "Internal error"),
    domain.InputRefused: Row(422, "Input refused"),
    domain.EmptyText: Row(422, "Empty text"),
    domain.NoProse: Row(422, "No prose found"),
    domain.NotText: Row(422, "Not text"),
    domain.InputTooLong: Row(413, "Input too long"),
    domain.MarkupTooDeep: Row(422, "Markup nested too deeply"),
    domain.LanguageUnknown: Row(422, "Language not recognised"),
    domain.GlossaryInvalid: Row(422, "Glossary not valid"),
    domain.PairUnsupported: Row(422, "Language pair not supported"),
    domain.WeightsMissing: Row(503, "Weights missing", Exit.WEIGHTS_MISSING),
    domain.WeightsCorrupt: Row(503, "Weights damaged", Exit.WEIGHTS_MISSING),
    domain.LicenceNotAccepted: Row(503, "Licence not accepted", Exit.USAGE),
    domain.PullFailed: Row(503, "Download stopped"),
    domain.Overloaded: Row(503, "Overloaded"),
    domain.DeadlineExceeded: Row(504, "Deadline exceeded"),
    domain.Cancelled: Row(499, "Client went away"),
    domain.EngineFailed: Row(500, "Model failed"),
    CrossSite: Row(403, "Sent by another site"),
    BadParameter: Row(400, "Parameter not accepted"),
    UnknownResource: Row(404, "Unknown resource"),
    FileKindRefused: Row(415, "Kind of file not read"),
    FileUnreadable: Row(422, "File not readable"),
    KeyMissing: Row(401, "API key missing"),
    KeyInvalid: Row(401, "API key not valid"),
    ScopeMissing: Row(403, "API key not for this"),
    RateExceeded: Row(429, "Too many requests"),
    QuotaExceeded: Row(429, "Quota used up"),
    BodyTooLarge: Row(413, "Request body too large"),
    BodyTooSlow: Row(408, "Request body too slow"),
    NotReady: Row(503, "Models not ready"),
    StoreUnavailable: Row(503, "Database not available"),
    MediaTypeRefused: Row(415, "Unsupported media type"),
    JobUnknown: Row(404, "No such job"),
    KeyReused: Row(422, "Idempotency key used before"),
    WebhookRefused: Row(422, "Webhook not allowed"),
    PoisonArticle: Row(500, "Article set aside"),
    ShuttingDown: Row(503, "Shutting down"),
}


def row(error: MujazError) -> Row:
    """The row of the error's own class, or of the nearest one above it."""
    return next(TABLE[cls] for cls in type(error).__mro__ if cls in TABLE)


def failed(item_id: str | None, error: MujazError) -> FailedItem:
    """What stands in a batch in place of an answer."""
    return FailedItem(id=item_id, error=ItemError(code=error.code, message=str(error)))
