"""One sentence translated with the configured models, the way a request is."""

import asyncio
import time
from collections.abc import Iterator

from models.errors import MujazError
from service import briefs
from service.doctor.finding import Finding, fails, ok, warning
from service.limits import TextLimits
from service.runtime import opened
from service.schemas.briefs import Article
from service.settings import Settings, SettingsError

SENTENCE, NUMBER = "أغلقت السلطات 35 مدرسة في العاصمة.", "35"


def trial(settings: Settings) -> Iterator[Finding]:
    """Whether it works from the weights to the words, and what it takes."""
    started = time.perf_counter()
    try:
        with opened(settings) as runtime:
            ready = time.perf_counter()
            article = Article(text=SENTENCE, source="ar")
            answer = asyncio.run(briefs.make_translation(runtime, article, "en", limits=TextLimits.of(settings)))
            took = time.perf_counter() - ready
    except (MujazError, SettingsError) as error:
        yield fails("translation", str(error), "see what else fails here; the first of it is the likely reason")
        return
    told = f"{ready - started:.1f} s to load, {took:.1f} s for: {answer.translation}"
    if NUMBER in answer.translation:
        yield ok("translation", told)
    else:
        yield warning("translation", told, f"it should tell of {NUMBER} schools: do not rely on these models")
