"""LibreTranslate's endpoints (v1.9): the same parameters and answers; each text of a list is told its own language.

Differences: errors are always JSON, and never 500 where a parameter is wrong; there are no alternatives and no suggestions.
"""

import asyncio
from collections import defaultdict

from fastapi import APIRouter, Request, Response

from models.runtime import Runtime
from models.types import Detection
from service.cache.recall import Recall
from service.compat import access, languages
from service.compat.elements import HTML, Dialect
from service.compat.files import FORMATS, dialect_of, ending, named
from service.compat.openapi import WORK, body, refused
from service.compat.parameters import Upload, checked, parameters
from service.compat.translating import Rendering, noted, told
from service.deps import InContext, InWork, Ready, Work
from service.errors import BadParameter
from service.glossaries import in_force
from service.limits import check_count
from service.schemas.libretranslate import (
    LibreChosen,
    LibreDetection,
    LibreError,
    LibreFile,
    LibreHealth,
    LibreLanguage,
    LibreNamed,
    LibreSettings,
    LibreText,
    LibreTranslated,
    LibreTranslatedFile,
    LibreTranslation,
)
from service.uploads.encoding import decode

router = APIRouter(tags=["LibreTranslate"])
_FORMS = ("application/json", "application/x-www-form-urlencoded")
_FILE = {"properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"]}
_NAME = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
_TIMEOUT = 500  # milliseconds without typing after which LibreTranslate's own page asks


@router.post(
    "/translate",
    response_model_exclude_none=True,
    responses=refused(LibreError, *WORK),
    openapi_extra=body(LibreTranslation, *_FORMS),
)
async def translate(request: Request, response: Response, runtime: Ready, work: InWork) -> LibreTranslated:
    """Translate a text or a list of texts. Parameters may also stand in the query.

    Markup of HTML is kept: whole sentences are translated, and elements within them put around the words that translate theirs.
    A link whose words are not found again follows its sentence; bold and the like is left out then.
    """
    asked = checked(LibreTranslation, await parameters(request))
    many = isinstance(asked.q, list)
    rendering = await _rendering(request, runtime, work, asked, HTML if asked.format == "html" else None, many=many)
    texts = asked.q if isinstance(asked.q, list) else [asked.q]
    check_count(len(texts), work.most)
    done = await work.all(texts, rendering.render) if many else [await work.one(texts[0], rendering.render)]
    response.headers.update(noted(done))
    found = [_detection(each.language) for each in done] if rendering.source == "auto" else None
    asks_more = int(asked.alternatives) > 0
    if not many:
        return LibreTranslated(
            translated_text=done[0].text,
            detected_language=found[0] if found else None,
            alternatives=[] if asks_more else None,
        )
    none_each: list[list[str]] = [[] for _ in done]
    return LibreTranslated(
        translated_text=[each.text for each in done],
        detected_language=found,
        alternatives=none_each if asks_more else None,
    )


@router.post("/detect", responses=refused(LibreError, *WORK), openapi_extra=body(LibreText, *_FORMS))
async def detect(request: Request, work: InWork) -> list[LibreDetection]:
    """Tell the language of a text; of a list, the languages of its texts, that of most of the text first."""
    asked = checked(LibreText, await parameters(request))
    await access.caller(request, asked.api_key)
    texts = asked.q if isinstance(asked.q, list) else [asked.q]
    check_count(len(texts), work.most)
    for text in texts:
        work.limits.check_text(text)

    async def make(texts: list[str], _: Recall | None) -> list[LibreDetection]:
        return await asyncio.to_thread(_ranking, texts)

    return await work.one(texts, make)


@router.get("/languages", responses=refused(LibreError, 503))
@router.post("/languages", responses=refused(LibreError, *WORK))
def list_languages(runtime: Ready) -> list[LibreLanguage]:
    """The languages for which translators are installed."""
    return [
        LibreLanguage(code=code, name=languages.name(code), targets=list(targets))
        for code, targets in languages.installed(runtime).items()
    ]


@router.post(
    "/translate_file",
    responses=refused(LibreError, *WORK),
    openapi_extra=body(LibreFile, "multipart/form-data", **_FILE),
)
async def translate_file(
    request: Request, response: Response, context: InContext, runtime: Ready, work: InWork
) -> LibreTranslatedFile:
    """Translate a text or HTML file. The answer tells where it can be fetched, for a time and by anybody who knows."""
    given = await parameters(request)
    file = given.pop("file", None)
    if not isinstance(file, Upload):
        raise BadParameter("Invalid request: missing file parameter")
    if ending(file.name) not in FORMATS:
        raise BadParameter("Invalid request: file format not supported")
    asked = checked(LibreFile, given)
    rendering = await _rendering(request, runtime, work, asked, dialect_of(file.name))
    context.files.check_room(len(file.data))
    text = await asyncio.to_thread(decode, file.data, rendering.dialect is not None)
    done = await work.one(text, rendering.render)
    response.headers.update(noted([done]))
    key = context.files.put(named(file.name, rendering.target), done.text)
    return LibreTranslatedFile(translated_file_url=str(request.url_for("download_file", name=key)))


@router.get(
    "/download_file/{name}",
    name="download_file",
    response_class=Response,
    responses={
        200: {"content": {kind.partition(";")[0]: {"schema": {"type": "string"}} for kind in set(FORMATS.values())}},
        **refused(LibreError, 404),
    },
    openapi_extra={"parameters": [_NAME]},
)
async def download_file(request: Request, context: InContext) -> Response:
    """Fetch a translated file."""
    name: str = request.path_params["name"]
    file = context.files.get(name)
    headers = {
        "Content-Disposition": f'attachment; filename="{name.partition(".")[2]}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",  # it is somebody's page, not ours
    }
    return Response(file.data, media_type=file.media_type, headers=headers)


@router.get("/frontend/settings")
async def frontend_settings(context: InContext) -> LibreSettings:
    """What a page that is put before the service has to know."""
    return LibreSettings(
        api_keys=context.access.required,
        char_limit=context.limits.article_chars,
        files_translation=True,
        frontend_timeout=_TIMEOUT,
        key_required=context.access.required,
        suggestions=False,
        supported_files_format=list(FORMATS),
        language=LibreChosen(
            source=LibreNamed(code="auto", name="Auto Detect"), target=LibreNamed(code="en", name="English")
        ),
    )


@router.get("/health")
async def health() -> LibreHealth:
    """The process answers; says nothing about the models."""
    return LibreHealth()


async def _rendering(
    request: Request,
    runtime: Runtime,
    work: Work,
    asked: LibreTranslation | LibreFile,
    dialect: Dialect | None,
    *,
    many: bool = False,
) -> Rendering:
    """How this request is translated. Raises `BadParameter` for languages that there are not."""
    who = await access.caller(request, asked.api_key)
    known = languages.targets(runtime)
    source, target = languages.understood(asked.source), languages.understood(asked.target)
    for code in (source, target):
        if code not in known and not (code == "auto" and code is source):
            raise BadParameter(f"{languages.shown(code)} is not supported")
    if source != "auto" and target not in known[source]:
        shown = languages.shown(target), languages.shown(source)
        raise BadParameter(f"{shown[0]} is not available as a target language from {shown[1]}")
    return Rendering(
        runtime,
        source,
        target,
        work.limits,
        "bulk" if many else "interactive",
        await asyncio.to_thread(in_force, {}, who.glossary, runtime.config.glossary),
        dialect,
    )


def _detection(language: Detection) -> LibreDetection:
    return LibreDetection(confidence=round(100 * language.confidence, 1), language=language.code)


def _ranking(texts: list[str]) -> list[LibreDetection]:
    """The languages of texts, each with the confidence of its texts and their share of all the text."""
    weights: dict[str, float] = defaultdict(float)
    for text in texts:
        language = told(text)
        weights[language.code] += language.confidence * len(text)
    total = sum(map(len, texts)) or 1
    ranked = sorted(weights.items(), key=lambda item: -item[1])
    return [_detection(Detection(code, weight / total)) for code, weight in ranked]
