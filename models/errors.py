"""Every way a request can fail, as one tree that knows no HTTP and no exit codes.

A message is one sentence for the person who sent the input or runs the server: it says what is wrong and what to do.
It never contains article text, keys or addresses. `code` is stable and part of the API.
"""

from typing import ClassVar


class MujazError(Exception):
    """The root: anything Mujaz raises on purpose."""

    code: ClassVar[str] = "internal"


class InputRefused(MujazError):
    """This input cannot be processed; others are not affected."""

    code = "input_refused"


class EmptyText(InputRefused):
    """There is no text at all."""

    code = "empty_text"


class NoProse(InputRefused):
    """There is text, but cleaning found no sentence of prose in it (captions, menus, teasers only)."""

    code = "no_prose"


class NotText(InputRefused):
    """The input is binary, or not text in an encoding we can read."""

    code = "not_text"


class InputTooLong(InputRefused):
    """The input exceeds a limit that was announced."""

    code = "too_long"


class MarkupTooDeep(InputRefused):
    """The HTML is nested deeper than any real page."""

    code = "markup_too_deep"


class LanguageUnknown(InputRefused):
    """The language of the text could not be told."""

    code = "language_unknown"


class PairUnsupported(InputRefused):
    """No translator is catalogued for this language pair."""

    code = "pair_unsupported"


class GlossaryInvalid(InputRefused):
    """A glossary cannot be read, or exceeds its limits."""

    code = "glossary_invalid"


class WeightsMissing(MujazError):
    """The checkpoint is catalogued but not on this machine."""

    code = "weights_missing"


class WeightsCorrupt(MujazError):
    """A weight file differs from its lock, or cannot be read."""

    code = "weights_corrupt"


class LicenceNotAccepted(MujazError):
    """The checkpoint's licence must be accepted before it is pulled."""

    code = "licence_not_accepted"


class PullFailed(MujazError):
    """The download stopped; it can be resumed."""

    code = "pull_failed"


class Overloaded(MujazError):
    """The queue is full; nothing was queued."""

    code = "overloaded"


class DeadlineExceeded(MujazError):
    """The answer did not come within the request's deadline."""

    code = "deadline_exceeded"


class Cancelled(MujazError):
    """The requester went away before the answer."""

    code = "cancelled"


class EngineFailed(MujazError):
    """The model could not process this item."""

    code = "engine_failed"
