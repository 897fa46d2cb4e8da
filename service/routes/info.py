"""`GET /v1/languages` and `GET /v1/models`: what there is. Both look at files, so they run in a thread."""

from fastapi import APIRouter

from service.deps import Ready
from service.errors import NotReady, ShuttingDown
from service.routes.refusals import refusal
from service.schemas.system import LanguageInfo, Languages, ModelInfo, Models

router = APIRouter(prefix="/v1", tags=["service"])


@router.get("/languages", responses=refusal(NotReady, ShuttingDown))
def languages(runtime: Ready) -> Languages:
    """The languages that can be read, what they can be translated into, and whether a summarizer reads them."""
    pairs = runtime.pairs()
    read = {language for model in runtime.describe() if model.job == "summarize" for language in model.sources}
    summarized = {language for language in read if runtime.summarizes(language)}
    return Languages(
        languages=[
            LanguageInfo(
                code=code,
                targets=sorted(target for source, target in pairs if source == code),
                summarize=code in summarized,
            )
            for code in sorted({source for source, _ in pairs} | summarized)
        ]
    )


@router.get("/models", responses=refusal(NotReady, ShuttingDown))
def models(runtime: Ready) -> Models:
    """The checkpoints of the catalogue: licence, languages, whether they are on this machine and loaded; how all are computed."""
    return Models(
        engine=runtime.config.engine,
        dtype=runtime.format,
        vocabulary=list(runtime.config.vocabulary),
        device=str(runtime.device),
        models=[ModelInfo.model_validate(model, from_attributes=True) for model in runtime.describe()],
    )
