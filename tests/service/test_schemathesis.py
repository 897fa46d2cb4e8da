"""Schemathesis over the whole OpenAPI description, with its default checks, against a server with the sample models.

No answer of 5xx, none of a status, content type or shape that is not described, for whatever the schemas allow and forbid.
"""

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from service.app import create_app
from service.settings import Settings
from tests.support.server import Server, served

pytestmark = pytest.mark.slow

EXAMPLES = 10
REFUSED = ["2xx", "400", "401", "403", "404", "413", "415", "422"]
"""What fits the schema may still be no language that is known, or empty: the description announces these refusals."""
LENIENT = ["200", "400", "401", "403", "404", "405", "406", "413", "415", "422"]
"""What is empty counts as not given where LibreTranslate's and DeepL's clients are served: it violates no schema."""

schema = schemathesis.openapi.from_dict(
    create_app(Settings()).openapi(),
    config=SchemathesisConfig.from_dict(
        {
            "seed": 5,
            "checks": {"positive_data_acceptance": {"expected-statuses": REFUSED}},
            "operations": [
                {
                    "include-path-regex": "^/(?!v1/)",
                    "checks": {
                        "positive_data_acceptance": {"expected-statuses": REFUSED},
                        "negative_data_rejection": {"expected-statuses": LENIENT},
                    },
                }
            ],
        }
    ),
)


@schemathesis.serializer("application/jsonl", "application/x-ndjson")
def lines(context: schemathesis.SerializationContext, value: object) -> bytes:
    """Lines as they are; what a negative test has in their place as its text."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served(log_level="error", cache="off") as running:
        yield running


@schema.parametrize()
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
def test_every_answer_is_one_that_the_description_announces(case: schemathesis.Case, server: Server) -> None:
    case.call_and_validate(base_url=server.url, timeout=120)
