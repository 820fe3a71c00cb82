"""Recordings of /metrics, and what Prometheus's alert rules make of them."""

import json
import math
import re
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import ROOT
from tests.ingestion.collector.serving import Server

RULES = ROOT / "docs" / "monitoring" / "headwater.rules.yml"
Series = tuple[str, tuple[tuple[str, str], ...]]
Page = Mapping[Series, float]


def rules() -> dict[str, str]:
    """Each alert's expression."""
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return {rule["alert"]: rule["expr"] for group in groups for rule in group["rules"]}


def value(page: Page, name: str, **labels: str) -> float | None:
    """The largest value of the series that have these labels."""
    found = [at for (of, pairs), at in page.items() if of == name and labels.items() <= dict(pairs).items()]
    return max(found, default=None)


class Recorder:
    """Scrapes a web server. Each scrape stands for a minute of Prometheus's time; `marks` name moments."""

    def __init__(self, web: Server) -> None:
        self._web = web
        self._names = set(re.findall(r"headwater_\w+", " ".join(rules().values())))
        self.pages: list[Page] = []
        self.marks: dict[str, int] = {}

    def scrape(self) -> Page:
        text = self._web.request("GET", "/metrics").body.decode()
        page = {
            (sample.name, tuple(sorted(sample.labels.items()))): float(sample.value)
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name in self._names
        }
        self.pages.append(page)
        return page

    def until(self, condition: Callable[[Page], Any], seconds: float = 90) -> None:
        """Scrape until the condition holds of a page."""
        deadline = time.monotonic() + seconds
        while not condition(page := self.scrape()):
            assert time.monotonic() < deadline, f"not so within {seconds} s; last: {page}"
            time.sleep(0.5)

    def hold(self, minutes: int, mark: str) -> None:
        """Have the state last so long, and name its last moment."""
        for _ in range(minutes):
            self.scrape()
        self.marks[mark] = len(self.pages) - 1

    def check(self, expected: Mapping[str, Mapping[str, str]], folder: Path) -> None:
        """Of each alert with labels: `fires` names the mark at which it fires; at `before` and `after` it does not."""
        test = {
            "rule_files": [str(RULES)],
            "evaluation_interval": "1m",
            "tests": [
                {
                    "interval": "1m",
                    "input_series": self._series(),
                    "promql_expr_test": [
                        self._question(alert, plan.get("consumer"), mark, fires=at == "fires")
                        for alert, plan in expected.items()
                        for at, mark in plan.items()
                        if at != "consumer"
                    ],
                }
            ],
        }
        file = folder / "recorded.yml"
        file.write_text(json.dumps(test, indent=1))
        done = subprocess.run(
            ["promtool", "test", "rules", file], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, f"marks {self.marks}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"

    def _series(self) -> list[dict[str, str]]:
        return [
            {
                "series": f"{name}{{{','.join(f'{label}={json.dumps(text)}' for label, text in labels)}}}",
                "values": " ".join(_written(page.get((name, labels))) for page in self.pages),
            }
            for name, labels in sorted({series for page in self.pages for series in page})
        ]

    def _question(self, alert: str, consumer: str | None, mark: str, *, fires: bool) -> dict[str, Any]:
        of = f',consumer="{consumer}"' if consumer else ""
        return {
            "expr": f'max(ALERTS{{alertname="{alert}",alertstate="firing"{of}}}) or vector(0)',
            "eval_time": f"{self.marks[mark]}m",
            "exp_samples": [{"labels": "{}", "value": int(fires)}],
        }


def _written(value: float | None) -> str:
    if value is None:
        return "_"
    return "Inf" if value == math.inf else repr(value)
