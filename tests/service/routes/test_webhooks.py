"""Webhooks over HTTP: a job names an address, and its end is told there."""

import pytest
from standardwebhooks import Webhook

from service.settings import SettingsError
from service.webhooks import signing
from tests.service.conftest import Serve
from tests.service.routes.test_v1 import assert_problem
from tests.support.receiver import Receiver, receiving
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

SECRET = b"s" * 32
ARTICLES = [{"id": "a", "text": "one"}, {"id": "b", "text": "furniture"}]


async def told(receiver: Receiver, times: int = 1) -> list[dict[str, object]]:
    async def done() -> bool:
        return len(receiver.received) == times

    await until(done)
    verify = Webhook(signing.written(SECRET)).verify
    return [verify(body, headers) for _, headers, body in receiver.received]


async def test_the_end_of_a_job_is_told_as_get_tells_it(serve: Serve) -> None:
    with receiving() as receiver:
        own = {"webhook_hosts": frozenset({receiver.host}), "webhook_secret": SECRET}
        url = f"http://{receiver.host}/hook"
        async with serve(**own) as client:
            answer = await client.post("/v1/jobs", json={"articles": ARTICLES, "webhook": {"url": url}})
            assert answer.status_code == 202, answer.text
            assert answer.json()["webhook"] == {"state": "pending", "tries": 0, "status": None}
            (event,) = await told(receiver)
            job: dict[str, object] = {}

            async def settled() -> bool:
                job.update((await client.get(f"/v1/jobs/{answer.json()['id']}")).json())
                return job["webhook"] != {"state": "pending", "tries": 1, "status": None}

            await until(settled)
        assert job.pop("webhook") == {"state": "delivered", "tries": 1, "status": 204}
        assert event["type"] == "job.done" and event["job"] == job and event["created"] == job["finished"]


async def test_what_is_given_up_says_so_and_what_is_not_asked_for_is_null(serve: Serve) -> None:
    with receiving() as receiver:
        receiver.answers.append(410)
        own = {"webhook_hosts": frozenset({receiver.host}), "webhook_secret": SECRET}
        async with serve(**own) as client:
            body = {"articles": ARTICLES, "webhook": {"url": f"http://{receiver.host}/"}}
            job = (await client.post("/v1/jobs", json=body)).json()["id"]
            found: dict[str, object] = {}

            async def settled() -> bool:
                found.update((await client.get(f"/v1/jobs/{job}")).json()["webhook"])
                return found["state"] != "pending"

            await until(settled)
            other = (await client.post("/v1/jobs", json=ARTICLES)).json()
            assert [each["webhook"] for each in (await client.get("/v1/jobs")).json()["jobs"]] == [None, found]
    assert found == {"state": "given_up", "tries": 1, "status": 410}
    assert other["webhook"] is None


async def test_where_options_stand_in_the_address_so_does_the_webhook(serve: Serve) -> None:
    with receiving() as receiver:
        own = {"webhook_hosts": frozenset({receiver.host}), "webhook_secret": SECRET}
        at = {"params": {"webhook": f"http://{receiver.host}/hook?a=b"}}
        bad = b'{"text": 3}\n'
        async with serve(**own) as client:
            array = await client.post("/v1/jobs", json=ARTICLES, **at)
            lines = await client.post("/v1/jobs", content=bad, headers={"Content-Type": "application/x-ndjson"}, **at)
            files = await client.post("/v1/jobs", files=[("file", ("a.txt", b"text"))], **at)
            assert [answer.status_code for answer in (array, lines, files)] == [202] * 3
            events = await told(receiver, 3)
        assert sorted(str(event["type"]) for event in events) == ["job.done", "job.done", "job.failed"]
        assert {path for path, _, _ in receiver.received} == {"/hook?a=b"}


@pytest.mark.parametrize("hosts", [frozenset(), frozenset({"other.example.org"})])
async def test_a_host_that_is_not_allowed_is_refused_and_nothing_is_stored(serve: Serve, hosts: frozenset[str]) -> None:
    async with serve(webhook_hosts=hosts, webhook_secret=SECRET) as client:
        body = {"articles": ARTICLES, "webhook": {"url": "https://hooks.example.org/"}}
        answer = await client.post("/v1/jobs", json=body)
        assert_problem(answer, 422, "webhook_refused")
        assert "MUJAZ_WEBHOOK_HOSTS" in answer.json()["detail"] and "example" not in answer.text
        assert (await client.get("/v1/jobs")).json()["jobs"] == []


@pytest.mark.parametrize("webhook", ["https://hooks.example.org/", {}, {"url": ""}, {"url": "x" * 2001}, {"uri": "x"}])
async def test_a_webhook_of_another_shape_is_refused(serve: Serve, webhook: object) -> None:
    async with serve() as client:
        answer = await client.post("/v1/jobs", json={"articles": ARTICLES, "webhook": webhook})
        assert_problem(answer, 422, "invalid_request")


async def test_the_same_idempotency_key_with_another_webhook_is_another_request(serve: Serve) -> None:
    hosts = frozenset({"hooks.example.org"})
    async with serve(webhook_hosts=hosts, webhook_secret=SECRET, drain=0.01) as client:
        answers = [
            await client.post(
                "/v1/jobs", json=[{"text": "wait"}], params={"webhook": url}, headers={"Idempotency-Key": "k"}
            )
            for url in ("https://hooks.example.org/a", "https://hooks.example.org/a", "https://hooks.example.org/b")
        ]
        assert [answer.status_code for answer in answers[:2]] == [202, 200]
        assert_problem(answers[2], 422, "idempotency_key_reused")


async def test_hosts_without_a_secret_stop_the_start(serve: Serve) -> None:
    with pytest.raises(SettingsError, match="MUJAZ_WEBHOOK_SECRET"):
        async with serve(webhook_hosts=frozenset({"hooks.example.org"})):
            pass
