"""Real processes: an article that kills its server is found, and only that one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from service.jobs import records
from service.jobs.submission import submit
from service.store.database import Store
from tests.support.jobs import TERMS, check, order

ROOT = Path(__file__).parents[3]


@pytest.mark.slow
def test_an_article_that_kills_its_server_is_set_aside_and_the_others_are_answered(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/mujaz.db"
    store = Store(url)
    store.open()
    job, _ = store.transact(submit, order(12, killers=(5,)), "", None, TERMS, 1.0)
    deaths = 0
    while subprocess.run([sys.executable, "-m", "tests.support.job_worker", url], cwd=ROOT, timeout=120).returncode:
        deaths += 1
        assert deaths <= 4, "once in company, three times alone"
    found = [json.loads(line) for line in store.transact(records.results, job, 0)[0]]
    store.transact(check, {})
    store.close()
    assert deaths == 4
    assert {line["position"]: line["error"]["code"] for line in found if "error" in line} == {5: "poison_article"}
    assert sorted(line["position"] for line in found) == list(range(12))
