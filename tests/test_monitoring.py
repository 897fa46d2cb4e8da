"""Dashboard, alerts and documentation speak of the metrics that there are, and of all of them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.settings import table
from tests.support.everything import everything, series

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[1]
_NAME = re.compile(r"\b(?:mujaz|process)_[a-z_]+")
_ADDED = {"job", "instance"}  # labels that Prometheus itself puts on


def dashboard() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((ROOT / "docker/grafana/dashboard.json").read_text(encoding="utf-8"))
    return document


def rules() -> list[dict[str, Any]]:
    document = yaml.safe_load((ROOT / "docker/prometheus/alerts.yml").read_text(encoding="utf-8"))
    return [rule for group in document["groups"] for rule in group["rules"]]


def queries() -> Iterator[tuple[str, str]]:
    """Every query, with the panel or the alert that asks it."""
    for panel in dashboard()["panels"]:
        yield from ((panel["title"], target["expr"]) for target in panel.get("targets", ()))
    yield from ((rule["alert"], rule["expr"]) for rule in rules())


def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "docker/compose.yaml").read_text(encoding="utf-8"))
    return document


def test_there_are_queries_to_compare() -> None:
    assert len(list(queries())) >= 30


async def test_every_query_asks_for_a_metric_that_is_exposed() -> None:
    exposed = set(series(await everything()))
    asked = {(where, name) for where, query in queries() for name in _NAME.findall(query)}
    assert {(where, name) for where, name in asked if name not in exposed} == set()
    assert all(_NAME.search(query) for _, query in queries())


async def test_every_query_selects_by_labels_and_values_that_its_metric_has() -> None:
    labels: dict[str, dict[str, set[str]]] = {}
    for family in (await everything()).registry.collect():
        for sample in family.samples:
            for label, value in sample.labels.items():
                labels.setdefault(sample.name, {}).setdefault(label, set()).add(value)
    for where, query in queries():
        for name, selection in re.findall(r"(\w+)\{([^}]*)\}", query):
            for label, operator, value in re.findall(r'(\w+)(=~|!=|=)"([^"]*)"', selection):
                assert label in {*labels.get(name, {}), *_ADDED}, where
                if operator == "=" and label not in _ADDED and label != "code":
                    assert value in labels[name][label], where
        known = {label for name in _NAME.findall(query) for label in labels.get(name, {})}
        for grouped in re.findall(r"\bby \(([^)]*)\)", query):
            assert {label.strip() for label in grouped.split(",")} <= known, where


def test_queries_are_balanced_and_rates_are_of_counters() -> None:
    for where, query in queries():
        assert all(query.count(a) == query.count(b) for a, b in ("()", "[]", "{}")), where
        for rated in re.findall(r"\b(?:rate|increase)\((\w+)", query):
            assert rated.endswith(("_total", "_bucket")), where


async def test_every_metric_of_ours_is_on_the_dashboard() -> None:
    shown = {
        name for panel in dashboard()["panels"] for t in panel.get("targets", ()) for name in _NAME.findall(t["expr"])
    }
    families = {family.name for family in (await everything()).registry.collect() if family.name.startswith("mujaz_")}
    assert {family for family in families if not any(name.startswith(family) for name in shown)} == set()


def test_panels_have_names_of_their_own_and_do_not_overlap() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len({panel["title"] for panel in panels}) == len(panels)
    taken = [
        (x, y)
        for panel in panels
        for place in [panel["gridPos"]]
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(taken) == len(set(taken))
    assert all(x < 24 for x, _ in taken)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_every_alert_says_what_is_wrong_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("warning", "critical")
    assert rule["annotations"]["summary"]
    assert len(rule["annotations"]["advice"]) > 40
    assert rule["for"]


async def test_every_metric_is_documented_and_none_that_there_is_not() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(mujaz_\w+)`", readme, re.MULTILINE))
    exposed = {
        f"{family.name}_total"
        if family.type == "counter"
        else f"{family.name}_info"
        if family.type == "info"
        else family.name
        for family in (await everything()).registry.collect()
    }
    assert documented == {name for name in exposed if name.startswith("mujaz_")}


def test_the_settings_that_alerts_advise_are_settings() -> None:
    known = {name for name, _, _ in table()}
    assert set(re.findall(r"MUJAZ_[A-Z_]*[A-Z]", json.dumps(rules()))) <= known


@pytest.mark.parametrize("name", ["prometheus", "grafana"])
def test_what_watches_is_published_on_this_machine_only_and_shut_in(name: str) -> None:
    service = compose()["services"][name]
    assert service["profiles"] == ["monitoring"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert re.fullmatch(r"[a-z/]+:v?\d+\.\d+\.\d+", service["image"])
    sources = [volume.split(":")[0] for volume in service["volumes"]]
    assert all((ROOT / "docker" / source).exists() for source in sources if source.startswith("."))
    assert {source for source in sources if not source.startswith(".")} <= compose()["volumes"].keys()


@pytest.mark.parametrize("name", ["cpu", "gpu"])
def test_prometheus_asks_where_the_service_serves_its_metrics(name: str) -> None:
    config = yaml.safe_load((ROOT / "docker/prometheus/prometheus.yml").read_text(encoding="utf-8"))
    (found,) = config["scrape_configs"][0]["dns_sd_configs"]
    assert name in found["names"]
    service = compose()["services"][name]
    assert service["environment"]["MUJAZ_METRICS_ADDRESS"] == f"0.0.0.0:{found['port']}"
    assert not any(str(found["port"]) in port for port in service["ports"])
