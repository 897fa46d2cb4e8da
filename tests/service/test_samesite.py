"""What another site's page has a browser send blindly."""

import pytest

from service.settings import Settings
from tests.service.conftest import Serve

pytestmark = pytest.mark.anyio

FORM = {"q": "خبر", "source": "ar", "target": "en"}


@pytest.mark.parametrize("path", ["/translate", "/v1/jobs", "/v1/brief", "/v2/translate"])
async def test_a_form_of_another_site_is_refused(serve: Serve, path: str) -> None:
    async with serve() as client:
        answer = await client.post(path, data=FORM, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert "another site" in answer.text


@pytest.mark.parametrize("site", ["same-origin", "none", None])
async def test_what_no_other_site_sent_is_served(serve: Serve, site: str | None) -> None:
    async with serve() as client:
        headers = {"Sec-Fetch-Site": site} if site else {}
        assert (await client.post("/v1/brief", json={"text": "خبر"}, headers=headers)).status_code == 200


async def test_pages_may_link_to_what_is_only_read(serve: Serve) -> None:
    async with serve() as client:
        assert (await client.get("/v1/models", headers={"Sec-Fetch-Site": "cross-site"})).status_code == 200


async def test_other_origins_that_are_allowed_may_use_libretranslates_paths_only(serve: Serve) -> None:
    assert Settings().cors == frozenset()
    async with serve(cors=frozenset({"https://page.example"})) as client:
        headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://page.example"}
        assert (await client.post("/translate", data={}, headers=headers)).status_code == 400
        assert (await client.post("/v1/jobs", data=FORM, headers=headers)).status_code == 403
