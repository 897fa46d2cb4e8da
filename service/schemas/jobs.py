"""Jobs: many articles, stored before they are acknowledged and worked through in the background."""

from typing import Literal, get_args

from pydantic import Field

from service.schemas.base import Schema
from service.schemas.briefs import Article, BriefOptions, GivenGlossary, LanguageOrAuto

JobState = Literal["queued", "running", "done", "failed", "cancelled"]
JOB_ID = "^[0-9a-f]{32}$"
MOST_NUMBER = 2**31 - 1
DeliveryState = Literal["pending", "delivered", "given_up"]
ENDED: tuple[JobState, ...] = get_args(JobState)[2:]


class JobOptions(BriefOptions):
    """How a job's briefs are made; `source` is the language of articles that do not name theirs."""

    source: LanguageOrAuto = "auto"


class Webhook(Schema):
    """Where the end of the job is told; the operator must allow the host."""

    url: str = Field(min_length=1, max_length=2000)


class JobQuery(JobOptions):
    """The same where there is only an address for them, and the URL of the `webhook`."""

    webhook: str | None = Field(default=None, min_length=1, max_length=2000)


class JobRequest(JobOptions):
    """Articles, and how their briefs are made. An article that is not valid gets its own error and stops no other.

    The entries of `glossary` go before those of the caller's key and the server's.
    """

    articles: list[Article] = Field(min_length=1)
    glossary: GivenGlossary = Field(default_factory=dict)
    webhook: Webhook | None = None


class Counts(Schema):
    """The articles of a job by state. A failed one has its error as its result, a cancelled one the error `cancelled`."""

    total: int
    queued: int
    running: int
    done: int
    failed: int
    cancelled: int


class Delivery(Schema):
    """How far a webhook is: after how many tries, and the status of the receiver's last answer, null if there was none.

    It is `pending` until the receiver has it, then `delivered`, or `given_up` when it is tried no more.
    """

    state: DeliveryState
    tries: int
    status: int | None


class ToldJob(Schema):
    """A job is `queued` until its first article is begun, then `running`, until every article has its result.

    Then it is `cancelled` if it was, `failed` if every article failed, and otherwise `done`. It is erased at `expires`, if it has
    ended by then. Times are UTC.
    """

    id: str
    state: JobState
    articles: Counts
    options: BriefOptions
    created: str
    started: str | None
    finished: str | None
    expires: str | None


class Job(ToldJob):
    """A job as its owner sees it: all that its webhook is told, and how far that is, null where it has none."""

    webhook: Delivery | None


class JobEvent(Schema):
    """What a webhook is sent when a job has ended. `id` is the same at every try."""

    id: str
    type: Literal["job.done", "job.failed", "job.cancelled"]
    created: str
    job: ToldJob


class JobList(Schema):
    """The caller's jobs, newest first; `next` is what to give as `before` for those that follow, null after the last."""

    jobs: list[Job]
    next: str | None


class JobPage(Schema):
    """Which of the caller's jobs to list: those older than `before`, an id."""

    before: str | None = Field(default=None, pattern=JOB_ID)
    limit: int = Field(default=50, ge=1, le=200)


class After(Schema):
    """Where to go on: after the result of this `number`."""

    after: int = Field(default=0, ge=0, le=MOST_NUMBER)
