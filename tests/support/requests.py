"""What each endpoint that is posted to takes."""

from pydantic import BaseModel

from service.schemas.briefs import BriefRequest
from service.schemas.jobs import JobRequest
from service.schemas.texts import DetectRequest, SummarizeRequest, TranslateRequest

REQUESTS: dict[str, type[BaseModel]] = {
    "/v1/brief": BriefRequest,
    "/v1/translate": TranslateRequest,
    "/v1/summarize": SummarizeRequest,
    "/v1/detect": DetectRequest,
    "/v1/jobs": JobRequest,
}
