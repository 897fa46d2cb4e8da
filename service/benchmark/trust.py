"""`mujaz bench --trust`: what the checks of briefs cost, beside the models: one brief at a time, without HTTP.

With the bundled sample models, and with random weights in the shapes of opus-mt-ar-en and XL-Sum's mT5. Random weights write
nonsense, which is decoded and checked again and replaced: both columns count all of it.
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from models.benchmark.checkpoints import OPUS_MT_AR_EN, XLSUM, marian, mt5
from models.benchmark.workloads import articles
from models.catalog import Catalog
from models.runtime import Runtime, RuntimeConfig
from service.briefs import make_brief
from service.limits import TextLimits
from service.schemas.briefs import Article, Brief, BriefOptions

WARM_UP = 2  # briefs before the clock runs
_LIMITS = TextLimits(article_chars=100_000, html_chars=100_000)

Say = Callable[[str], None]
"""Takes a line on what is being done."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of briefs made one after the other; `repaired` counts those that were decoded again or replaced in part."""

    models: str
    briefs: int
    total: float
    written: float
    check: float
    check_p95: float
    repaired: int

    @property
    def share(self) -> float:
        """What the checks take, beside summarizing and translating."""
        return self.check / self.written


def measure(work: Path, briefs: int, threads: int | None, say: Say, *, random: bool) -> list[Cost]:
    """The cost with the sample models, and with `random` for random weights of full size, which `work` keeps."""
    texts = [" ".join(sentences) for sentences in articles()[: briefs + WARM_UP]]
    configs = {"sample": RuntimeConfig(models="sample", root=work, threads=threads)}
    if random:
        say("writing random weights of full size")
        configs["full size, random"] = RuntimeConfig(models=str(_random(work)), root=work, threads=threads)
    costs = []
    for name, config in configs.items():
        say(f"{len(texts)} briefs: {name}")
        costs.append(_cost(name, asyncio.run(_made(config, texts))))
    return costs


def as_table(costs: Sequence[Cost], machine: Mapping[str, Any]) -> str:
    """A line for each set of models; medians."""
    names = ("brief ms", "models ms", "checks ms", "p95", "of models", "repaired")
    lines = [f"{'models':20}" + "".join(f"{name:>12}" for name in names)]
    for cost in costs:
        figures = f"{cost.total:12.1f}{cost.written:12.1f}{cost.check:12.1f}{cost.check_p95:12.1f}{cost.share:12.1%}"
        lines.append(f"{cost.models:20}{figures}{cost.repaired:>9}/{cost.briefs}")
    told = f"{machine['cpu']}, {machine['threads']} threads, load {machine['load_average']} at the start"
    return "\n".join([*lines, "", told])


def as_json(costs: Sequence[Cost], machine: Mapping[str, Any], versions: Mapping[str, str | None]) -> str:
    rows = [asdict(cost) | {"share": cost.share} for cost in costs]
    return json.dumps({"hardware": machine, "versions": versions, "costs": rows}, indent=1)


async def _made(config: RuntimeConfig, texts: Sequence[str]) -> list[Brief]:
    runtime = Runtime(config)
    try:
        runtime.start()
        options = BriefOptions()
        made = [await make_brief(runtime, Article(text=text), options, limits=_LIMITS) for text in texts]
    finally:
        runtime.close()
    return made[WARM_UP:]


def _cost(models: str, briefs: Sequence[Brief]) -> Cost:
    timing = [brief.timing_ms for brief in briefs]
    checks = [stages["check"] for stages in timing]
    return Cost(
        models=models,
        briefs=len(briefs),
        total=median(stages["total"] for stages in timing),
        written=median(stages.get("summarize", 0.0) + stages["translate"] for stages in timing),
        check=median(checks),
        check_p95=quantiles(checks, n=20)[-1],
        repaired=sum(bool(brief.checks.repairs) for brief in briefs),
    )


def _random(work: Path) -> Path:
    """Checkpoints of the default pair and summarizer, at the shapes' full size, in the folder that is returned."""
    catalog, root = Catalog.load(), work / "trust"
    for entry_id, write, shape in (("ar-en", marian, OPUS_MT_AR_EN), ("xlsum", mt5, XLSUM)):
        folder = root / catalog.get(entry_id).folder
        if not (folder / "model.safetensors").is_file():
            write(folder, shape)
    return root
