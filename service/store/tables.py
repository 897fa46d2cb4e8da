"""The tables. Times are seconds since the epoch; JSON is kept as text, which every database holds alike."""

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

_OF_JOB = "jobs.id"

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("owner", String(40), nullable=False),  # the id of the API key that made it; empty where none is asked for
    Column("idempotency_key", String(255)),
    Column("fingerprint", String(64), nullable=False),  # of the request: the same idempotency key must bring the same
    Column("state", String(12), nullable=False),  # queued, running, done, failed, cancelled; deleted: being erased
    Column("total", Integer, nullable=False),  # of its articles
    Column("done", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("cancelled", Integer, nullable=False),
    Column("events", Integer, nullable=False),  # the number of the last one
    Column("created", Float, nullable=False),
    Column("started", Float),
    Column("finished", Float),
    Column("expires", Float, nullable=False),
    Column("options", Text, nullable=False),
    UniqueConstraint("owner", "idempotency_key"),
    Index("jobs_by_expiry", "expires"),
    Index("jobs_by_state", "state"),
)

articles = Table(
    "articles",
    metadata,
    Column("job", String(40), ForeignKey(_OF_JOB, ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("state", String(12), nullable=False),  # queued, suspect, running, done, failed, cancelled
    Column("tries", Integer, nullable=False),  # how often it was begun and its server died of it, for all we know
    Column("due", Float, nullable=False),  # not begun before
    Column("server", String(40)),  # which one computes it
    Column("number", Integer),  # its place in the order of finishing, from 1
    Column("name", Text, nullable=False),  # the id that it was submitted with, in JSON
    Column("input", Text),  # erased when there is a result
    Column("result", Text),
    Index("articles_by_turn", "state", "position", "job"),
    Index("articles_by_number", "job", "number"),
)

events = Table(
    "events",
    metadata,
    Column("job", String(40), ForeignKey(_OF_JOB, ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),  # from 1, without gaps
    Column("kind", String(20), nullable=False),
    Column("data", Text, nullable=False),
)

deliveries = Table(  # the end of a job, to be told to the address that it names
    "deliveries",
    metadata,
    Column("job", String(40), ForeignKey(_OF_JOB, ondelete="CASCADE"), primary_key=True),
    Column("event", String(40), nullable=False),  # its id, the same at every try
    Column("url", Text, nullable=False),
    Column("tries", Integer, nullable=False),  # how often it was taken up
    Column("due", Float),  # not tried before; nothing until the job has ended, and when all is over
    Column("state", String(12), nullable=False, server_default="pending"),  # pending, delivered, given_up
    Column("status", Integer),  # of the last answer
    Index("deliveries_by_due", "due"),
)

servers = Table(
    "servers",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("seen", Float, nullable=False),  # when it last said that it lives
)

keys = Table(
    "keys",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("hash", String(64), nullable=False),
    Column("name", String(100), nullable=False),
    Column("scopes", String(100), nullable=False),
    Column("rate", Integer),  # requests a minute
    Column("quota", BigInteger),  # characters a day
    Column("glossary", Text),
    Column("created", Float, nullable=False),
    Column("expires", Float),
    Column("revoked", Float),
)

usage = Table(
    "usage",
    metadata,
    Column("key", String(40), ForeignKey("keys.id", ondelete="CASCADE"), primary_key=True),
    Column("day", String(10), primary_key=True),  # of the calendar in UTC: 2026-01-31
    Column("requests", Integer, nullable=False),
    Column("characters", BigInteger, nullable=False),
)

cache = Table(
    "cache",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("kind", String(12), nullable=False),  # sentence, brief
    Column("value", Text, nullable=False),
    Column("size", Integer, nullable=False),  # bytes
    Column("used", Float, nullable=False),
    Column("expires", Float, nullable=False),
    Index("cache_by_use", "used"),
    Index("cache_by_expiry", "expires"),
)

cached_for = Table(  # what a job's deletion takes out of the cache
    "cached_for",
    metadata,
    Column("job", String(40), ForeignKey(_OF_JOB, ondelete="CASCADE"), primary_key=True),
    Column("key", String(64), primary_key=True),
)
