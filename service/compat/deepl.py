"""DeepL's endpoints (v2) for texts: the same parameters and answers, for as much as there is of it here.

What has no effect here is refused, so that nobody relies on it: formality (other than "prefer"), context, glossaries, styles,
translation memories, a choice of model. Variants of a language ("EN-GB", "PT-BR") are taken for the language.
"""

import asyncio
import re
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from models.runtime import Runtime
from service.cache.recall import Recall
from service.compat import access, languages
from service.compat.elements import HTML, Dialect
from service.compat.openapi import WORK, body, refused
from service.compat.parameters import Parameters, checked, parameters
from service.compat.translating import Rendered, Rendering, noted
from service.deps import InWork, Ready, Work
from service.errors import BadParameter, UnknownResource
from service.glossaries import in_force
from service.limits import check_count
from service.schemas.deepl import (
    DeepLError,
    DeepLLanguage,
    DeepLListing,
    DeepLPairs,
    DeepLTranslated,
    DeepLTranslation,
    DeepLTranslations,
    DeepLUsage,
    Names,
)

router = APIRouter(prefix="/v2", tags=["DeepL"])
_SCHEME = "deepl-auth-key "
_WITHOUT = (
    *("context", "custom_instructions", "glossary_ids", "outline_detection", "style_id", "tag_handling_version"),
    *("translation_memory_id", "translation_memory_threshold"),
)
_VARIANTS = {"en": {"EN-GB": "English (British)", "EN-US": "English (American)"}}
_REFUSED: dict[str, Any] = {"responses": refused(DeepLError, *WORK, 404, 456), "response_model_exclude_none": True}


@router.get(
    "/translate",
    **_REFUSED,
    openapi_extra={
        "parameters": [
            {"name": "text", "in": "query", "required": True, "schema": {"type": "array", "items": {"type": "string"}}},
            {"name": "target_lang", "in": "query", "required": True, "schema": {"type": "string"}},
            {"name": "source_lang", "in": "query", "schema": {"type": "string"}},
        ]
    },
)
@router.post(
    "/translate",
    **_REFUSED,
    openapi_extra=body(DeepLTranslation, "application/json", "application/x-www-form-urlencoded"),
)
async def translate(request: Request, response: Response, runtime: Ready, work: InWork) -> DeepLTranslations:
    """Translate texts, in order; each is told its own language where `source_lang` is not given.

    Markup is kept as `/translate` says; in XML all tags stand within sentences but `splitting_tags`.
    """
    given = await parameters(request)
    asked = checked(DeepLTranslation, given)
    _check(asked, given)
    texts = asked.text if isinstance(asked.text, list) else [asked.text]
    check_count(len(texts), work.most)
    rendering = await _rendering(request, runtime, work, asked, many=len(texts) > 1)

    async def render(text: str, recall: Recall | None) -> Rendered:
        return await rendering.render(_laid_out(asked, text), recall)

    done = await work.all(texts, render) if len(texts) > 1 else [await work.one(texts[0], render)]
    response.headers.update(noted(done))
    return DeepLTranslations(translations=[_translated(asked, *pair) for pair in zip(texts, done, strict=True)])


@router.get(
    "/languages",
    responses=refused(DeepLError, *WORK),
    response_model_exclude_none=True,
    openapi_extra={
        "parameters": [{"name": "type", "in": "query", "schema": {"type": "string", "enum": ["source", "target"]}}]
    },
)
async def list_languages(request: Request, runtime: Ready) -> list[DeepLLanguage]:
    """The languages that can be translated from (`type` `source`) or into (`target`) with what is installed."""
    asked = checked(DeepLListing, await parameters(request))
    known = await asyncio.to_thread(languages.installed, runtime)
    if asked.type == "source":
        sources = (code for code, targets in known.items() if set(targets) - {code})
        return [DeepLLanguage(language=code.upper(), name=languages.name(code)) for code in sources]
    targets = sorted({target for code, targets in known.items() for target in targets if target != code})
    return [
        DeepLLanguage(language=variant, name=name, supports_formality=False)
        for code in targets
        for variant, name in _VARIANTS.get(code, {code.upper(): languages.name(code)}).items()
    ]


@router.get("/usage", responses=refused(DeepLError, 403, 429))
async def usage(request: Request) -> DeepLUsage:
    """The characters that this key has had translated, and its limit."""
    who = await access.caller(request, _key(request))
    count, limit = access.usage(request, who)
    return DeepLUsage(character_count=count, character_limit=limit)


@router.get("/glossary-language-pairs")
async def glossary_language_pairs() -> DeepLPairs:
    """None: glossaries are the server's and the keys', not the requests'."""
    return DeepLPairs(supported_languages=[])


def _check(asked: DeepLTranslation, given: Parameters) -> None:
    """Refuse what would have no effect. Raises `BadParameter` and `UnknownResource`."""
    for name in _WITHOUT:
        if given.get(name) not in (None, "", []):
            raise BadParameter(f"'{name}' is not supported.")
    if asked.formality in ("more", "less"):
        raise BadParameter("'formality' is not supported for given 'target_lang'.")
    if asked.model_type == "quality_optimized":
        raise BadParameter("'model_type' quality_optimized is not supported.")
    if asked.split_sentences == "0":
        raise BadParameter("'split_sentences' 0 is not supported: texts are translated sentence by sentence.")
    if asked.split_sentences == "1" and asked.tag_handling:
        raise BadParameter(
            "'split_sentences' 1 is not supported with 'tag_handling': line breaks are white space there."
        )
    if asked.tag_handling != "xml" and (asked.ignore_tags or asked.splitting_tags or asked.non_splitting_tags):
        raise BadParameter("Lists of tags are supported with 'tag_handling' xml only.")
    if asked.glossary_id and not asked.source_lang:
        raise BadParameter("A glossary needs 'source_lang'.")
    if asked.glossary_id:
        raise UnknownResource("Glossary not found.")


async def _rendering(
    request: Request, runtime: Runtime, work: Work, asked: DeepLTranslation, *, many: bool
) -> Rendering:
    """How this request is translated. Raises `BadParameter` for languages that there are not."""
    who = await access.caller(request, _key(request) or asked.auth_key)
    known = languages.targets(runtime)
    source = languages.understood(asked.source_lang) if asked.source_lang else "auto"
    target = languages.understood(asked.target_lang)
    if source not in known and asked.source_lang:
        raise BadParameter("Value for 'source_lang' not supported.")
    if target not in known or (source != "auto" and target not in known[source]):
        raise BadParameter("Value for 'target_lang' not supported.")
    return Rendering(
        runtime,
        source,
        target,
        work.limits,
        "bulk" if many else "interactive",
        await asyncio.to_thread(in_force, {}, who.glossary, runtime.config.glossary),
        _dialect(asked),
    )


def _dialect(asked: DeepLTranslation) -> Dialect | None:
    if asked.tag_handling != "xml":
        return HTML if asked.tag_handling else None
    breaks = _names(asked.splitting_tags) - _names(asked.non_splitting_tags)
    return Dialect(breaks=frozenset(breaks), kept=frozenset(_names(asked.ignore_tags)))


def _laid_out(asked: DeepLTranslation, text: str) -> str:
    """A text whose line breaks end sentences, or are white space as they are in markup."""
    if asked.split_sentences == "nonewlines" and not asked.tag_handling:
        return re.sub(r"\s*[\r\n]\s*", " ", text)
    return text


def _names(given: Names) -> set[str]:
    listed: Sequence[str] = [given] if isinstance(given, str) else given
    return {name.strip() for names in listed for name in names.split(",")}


def _translated(asked: DeepLTranslation, text: str, done: Rendered) -> DeepLTranslated:
    return DeepLTranslated(
        detected_source_language=done.language.code.upper(),
        text=done.text,
        billed_characters=len(text) if asked.show_billed_characters else None,
        model_type_used="latency_optimized" if asked.model_type else None,
    )


def _key(request: Request) -> str | None:
    """The key in the header, if there is one."""
    given = request.headers.get("authorization", "")
    return given[len(_SCHEME) :].strip() if given.lower().startswith(_SCHEME) else None
