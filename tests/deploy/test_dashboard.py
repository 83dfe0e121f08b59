"""The Grafana dashboard loads, its panels fit, and every metric that it names is exported."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx
import promql_parser
import pytest
from promql_parser import VectorSelector

from launch.triton.server import TritonServer
from proxy.metrics import Metrics
from proxy.request_record import Ending, RequestRecord
from tests.model_repository.clients import Stream

DEPLOY = Path(__file__).parents[2] / "deploy"
DASHBOARD = json.loads((DEPLOY / "grafana" / "soprano.json").read_text())
PANELS: list[dict[str, Any]] = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS: list[str] = [target["expr"] for panel in PANELS for target in panel["targets"]]
JOBS = re.findall(r"job_name: (\S+)", (DEPLOY / "prometheus.yaml").read_text())

PROMETHEUS = {"up": {"job", "instance"}}
"""Prometheus' own metrics; it also adds these labels to every scraped series."""


def selectors(expression: str) -> list[VectorSelector]:
    """The metrics that a query reads. Raises `ValueError` if it is not valid PromQL."""
    return list(_selectors(promql_parser.parse(expression.replace("$__rate_interval", "1m"))))


def _selectors(node: Any) -> Iterator[VectorSelector]:
    if isinstance(node, VectorSelector):
        yield node
    children = [getattr(node, name, None) for name in ("expr", "lhs", "rhs", "vector_selector")]
    for child in [*children, *getattr(node, "args", ())]:
        if child is not None:
            yield from _selectors(child)


def exposed(exposition: str) -> dict[str, set[str]]:
    """The series of an exposition, each with the names of its labels."""
    lines = (line for line in exposition.splitlines() if line and not line.startswith("#"))
    return {re.split(r"[{ ]", line)[0]: set(re.findall(r'(\w+)="', line)) for line in lines}


@pytest.fixture(scope="module")
def series(triton: TritonServer) -> dict[str, set[str]]:
    """Every series that the proxy and Triton export after some requests, with the names of its labels."""
    metrics = Metrics()
    for ending in Ending:
        record = RequestRecord("id", "POST", "/", ending=ending, cancel_seconds=1.0)
        record.note_audio(silence=0.04)
        metrics.observe(record)
    with Stream(triton, "Hello.") as stream:
        stream.samples()
    return exposed(metrics.exposition().decode()) | exposed(httpx.get(triton.metrics_url).text) | PROMETHEUS


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_query_asks_for_what_is_exported(expression: str, series: dict[str, set[str]]) -> None:
    assert selectors(expression)
    for selector in selectors(expression):
        assert selector.name in series
        matchers = {matcher.name: matcher.value for matcher in selector.matchers.matchers}
        assert matchers.keys() <= series[selector.name] | PROMETHEUS["up"]
        assert set(matchers.get("job", "").split("|")) <= {*JOBS, ""}


def test_the_metrics_that_operators_read_of_are_exported(series: dict[str, set[str]]) -> None:
    named = set(re.findall(r"`(soprano_\w+)`", (DEPLOY.parent / "docs" / "operating.md").read_text()))
    assert named
    assert {name for name in named if not {name, f"{name}_bucket"} & series.keys()} == set()


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_explains_itself(panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert all(target["legendFormat"] for target in panel["targets"])


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_reads_from_the_data_source_that_was_chosen(panel: dict[str, Any]) -> None:
    (variable,) = DASHBOARD["templating"]["list"]
    assert (variable["type"], variable["query"]) == ("datasource", "prometheus")
    chosen = {"type": "prometheus", "uid": f"${{{variable['name']}}}"}
    assert [panel["datasource"], *(target["datasource"] for target in panel["targets"])] == [chosen] * (
        1 + len(panel["targets"])
    )


def test_ids_and_titles_are_unique() -> None:
    assert unique(panel["id"] for panel in DASHBOARD["panels"])
    assert unique(panel["title"] for panel in DASHBOARD["panels"])
    assert all(unique(target["refId"] for target in panel["targets"]) for panel in PANELS)


def unique(values: Iterable[object]) -> bool:
    return max(Counter(values).values()) == 1


def test_panels_lie_side_by_side() -> None:
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    cells = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert unique(cells)
    assert {x for x, _ in cells} == set(range(24))
