"""`/v1/jobs`: many articles, stored before they are acknowledged, worked through in the background."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.types import Receive, Scope, Send

from models.errors import InputRefused, MujazError, Overloaded
from service.callers import Caller
from service.deps import Context, InCaller, InContext
from service.errors import JobUnknown, KeyReused, MediaTypeRefused, StoreUnavailable, WebhookRefused, failed
from service.jobs.intake import Intake, Limits
from service.jobs.submission import Order
from service.problems import is_json
from service.routes.examples import JOB, JOB_LINES
from service.routes.refusals import GUARDED, READING, TERMS, answers, refusal, refusals
from service.schemas.briefs import Article, FailedItem
from service.schemas.jobs import JOB_ID, MOST_NUMBER, After, Job, JobList, JobPage, JobQuery
from service.uploads.limits import UploadLimits
from service.uploads.names import shown
from service.uploads.read import read_upload

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])

_LINES = ("application/x-ndjson", "application/jsonl", "application/ndjson")
_FILES = "multipart/form-data"
_PIECE = 64 * 1024  # bytes of a form that are read before others have their turn
_EVENTS = {"X-Accel-Buffering": "no"}  # nginx would collect them

_ARTICLES = {"type": "array", "items": {"$ref": "#/components/schemas/Article"}, "minItems": 1}
_REQUEST = {"$ref": "#/components/schemas/JobRequest"}
_FILE = {"type": "array", "items": {"type": "string", "format": "binary"}}
_BODY = {
    "required": True,
    "content": {
        "application/json": {"schema": {"anyOf": [_REQUEST, _ARTICLES]}, "examples": JOB},
        _LINES[0]: {"schema": {"type": "string"}, "example": JOB_LINES},
        _LINES[1]: {"schema": {"type": "string"}, "example": JOB_LINES},
        _FILES: {"schema": {"type": "object", "properties": {"file": _FILE}, "required": ["file"]}},
    },
}
_TEXT = {"schema": {"type": "string"}}
_OF_JOB = refusal(JobUnknown, StoreUnavailable)
_REPLAYED = {"description": "The job that was submitted before with this Idempotency-Key.", "model": Job}


async def _job_id(job: str) -> str:
    if not re.fullmatch(JOB_ID, job):
        raise JobUnknown("This is not the id of a job.")
    return job


OfJob = Annotated[str, Depends(_job_id)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=255, pattern="^[\x20-\x7e]+$")]
LastEvent = Annotated[int | None, Header(alias="Last-Event-ID", ge=0, le=MOST_NUMBER)]


@router.post(
    "",
    status_code=202,
    openapi_extra={"requestBody": _BODY},
    responses={
        **refusals(*READING, *TERMS, InputRefused, KeyReused, MediaTypeRefused, StoreUnavailable, WebhookRefused),
        200: _REPLAYED,
    },
)
async def submit(
    request: Request,
    response: Response,
    context: InContext,
    caller: InCaller,
    options: Annotated[JobQuery, Query()],
    idempotency_key: Key = None,
) -> Job:
    """Submit articles, to have their briefs made in the background. What is acknowledged is stored.

    The articles come as an object, which holds the options too, as an array, as JSON Lines, or as files (text, HTML, JSON
    Lines, JSON, Word, PDF); but for the object, options stand in the address. An article that is not valid gets its own error.
    The same request with the same `Idempotency-Key` gives the same job.
    """
    limits = Limits(context.settings.job_articles, context.limits)
    own = {entry.source: entry.target for entry in caller.glossary.entries} if caller.glossary else {}
    order = await _order(request, context, Intake(options, own, limits), options.source)
    known = await context.jobs.submitted(order, caller.id, idempotency_key) if idempotency_key else None
    job, replayed = (known, True) if known else await _submit(context, caller, order, idempotency_key)
    response.headers["Location"] = f"{router.prefix}/{job.id}"
    if replayed:
        response.status_code = 200
        response.headers["Idempotent-Replayed"] = "true"
    return job


@router.get("", responses=answers((422,), (StoreUnavailable,)))
async def jobs(context: InContext, caller: InCaller, page: Annotated[JobPage, Query()]) -> JobList:
    """The caller's jobs, newest first."""
    return await context.jobs.listed(caller.id, page.before, page.limit)


@router.get("/{job}", responses=_OF_JOB)
async def job(context: InContext, caller: InCaller, job: OfJob) -> Job:
    """A job's state and counts."""
    return await context.jobs.show(caller.id, job)


@router.get(
    "/{job}/results",
    response_class=StreamingResponse,
    responses={
        **answers((422,), (JobUnknown, StoreUnavailable)),
        200: {"description": "JSON Lines.", "content": {_LINES[0]: _TEXT}},
    },
)
async def results(
    context: InContext, caller: InCaller, job: OfJob, where: Annotated[After, Query()]
) -> StreamingResponse:
    """The results so far, one a line, in the order of finishing: `number`, `position` of the article, and its brief or error.

    `number` counts from 1 without gaps, so `after` with the last one read goes on where reading stopped; with the job's last
    article come all. A line never changes.
    """
    lines = await context.jobs.results(caller.id, job, where.after)
    return StreamingResponse(lines, media_type=_LINES[0])


@router.get(
    "/{job}/events",
    response_class=StreamingResponse,
    responses={
        **answers((422,), (JobUnknown, StoreUnavailable, Overloaded)),
        200: {"description": "Server-sent events.", "content": {"text/event-stream": _TEXT}},
        204: {"description": "The job has ended, and its last event was seen."},
    },
)
async def events(context: InContext, caller: InCaller, job: OfJob, last_event_id: LastEvent = None) -> Response:
    """What happens to the job, as it happens: `job` (its state has changed), `article` (one has its result), `end`.

    Events are numbered from 1 without gaps; with `Last-Event-ID` they go on after that one. The stream ends with the job.
    """
    told = await context.jobs.events(caller.id, job, last_event_id or 0)
    if told is None:
        return Response(status_code=204)
    return _Closing(told, media_type="text/event-stream", headers=_EVENTS)


@router.post("/{job}/cancel", responses=answers((), (JobUnknown, *GUARDED, StoreUnavailable)))
async def cancel(context: InContext, caller: InCaller, job: OfJob) -> Job:
    """Cancel what has no result yet; the results that there are stay. A job that has ended stays as it is."""
    return await context.jobs.cancel(caller.id, job)


@router.delete("/{job}", status_code=204, responses=answers((), (JobUnknown, *GUARDED, StoreUnavailable)))
async def delete(context: InContext, caller: InCaller, job: OfJob) -> None:
    """Cancel the job and erase it: articles, results, events, and what it left in the cache."""
    await context.jobs.delete(caller.id, job)


async def _submit(context: Context, caller: Caller, order: Order, key: str | None) -> tuple[Job, bool]:
    """The job, charged unless the same request came at the same moment, and whether it did."""
    quotas = context.access.quotas
    account = quotas.charge(caller, order.characters)
    with quotas.refunding(account, order.characters):
        job, replayed = await context.jobs.submit(order, caller.id, key)
    if replayed:
        quotas.refund(account, order.characters)
    return await context.jobs.show(caller.id, job), replayed


class _Closing(StreamingResponse):
    """Closes what it tells when its reader is gone, also if that is noticed in the midst of sending."""

    def __init__(self, told: AsyncGenerator[str, None], **rest: Any) -> None:
        super().__init__(told, **rest)
        self._told = told

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with aclosing(self._told):
            await super().__call__(scope, receive, send)


async def _order(request: Request, context: Context, intake: Intake, source: str) -> Order:
    kind = request.headers.get("content-type", "")
    body = await request.body()
    if is_json(kind):
        return await _json(body, intake)
    bare = kind.partition(";")[0].strip().lower()
    if bare in _LINES:
        return await asyncio.to_thread(intake.lines, body)
    if bare == _FILES:
        limits = UploadLimits.of(context.settings)
        items = [item for file in await _files(request, body) for item in await _articles(*file, limits, source)]
        return await asyncio.to_thread(intake.order, items)
    raise MediaTypeRefused(f"Send application/json, {_LINES[0]} (JSON Lines) or files as {_FILES}.")


async def _json(body: bytes, intake: Intake) -> Order:
    try:
        return await asyncio.to_thread(intake.json, body)
    except ValidationError as error:
        raise RequestValidationError([{**item, "loc": ("body", *item["loc"])} for item in error.errors()]) from error
    except ValueError as error:
        raise HTTPException(400) from error


async def _articles(name: str, content: bytes, limits: UploadLimits, source: str) -> list[Article | FailedItem]:
    """The articles of a file, or what is wrong with it."""
    try:
        return await read_upload(name, content, limits, source)
    except MujazError as error:
        return [failed(shown(name), error)]


async def _files(request: Request, body: bytes) -> list[tuple[str, bytes]]:
    async def pieces() -> AsyncGenerator[bytes, None]:
        for start in range(0, len(body), _PIECE):
            yield body[start : start + _PIECE]
            await asyncio.sleep(0)

    parser = MultiPartParser(request.headers, pieces(), max_files=float("inf"))
    parser.spool_max_size = len(body) + 1  # in memory: nothing of it is written to a disk
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise HTTPException(400) from error
    try:
        return [await _upload(name, value) for name, value in form.multi_items()]
    finally:
        await form.close()


async def _upload(name: str, value: UploadFile | str) -> tuple[str, bytes]:
    if isinstance(value, str):
        raise InputRefused("The form may hold files only; options stand in the address.")
    return value.filename or name, await value.read()
