"""What Mujaz sends to others, for the OpenAPI description (`webhooks`): nothing here answers a request."""

from typing import Annotated

from fastapi import APIRouter, Header

router = APIRouter(tags=["jobs"])

_BODY = {
    "required": True,
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/JobEvent"}}},
}


@router.post(
    "job.ended",
    status_code=204,
    openapi_extra={"requestBody": _BODY},
    responses={204: {"description": "Any answer of 2xx: it has arrived."}, 410: {"description": "It is given up."}},
)
async def job_ended(
    webhook_id: Annotated[str, Header()],
    webhook_timestamp: Annotated[int, Header()],
    webhook_signature: Annotated[str, Header()],
) -> None:
    """A job has ended. Sent to the address that the job names, signed as Standard Webhooks has it, at least once.

    After any other answer, or none within 15 seconds, it is sent again later, with the same `webhook-id`.
    """
