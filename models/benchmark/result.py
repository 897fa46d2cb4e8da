"""A whole run of the benchmark, and its two forms: a table to read, JSON to keep."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from models.benchmark.report import Row
from models.benchmark.runner import Outcome, Runs
from models.benchmark.workloads import NETWORKS, Line


@dataclass(frozen=True, slots=True)
class Result:
    """Machine, versions and settings as JSON takes them; `lines` with their figures and what these were worked out from."""

    hardware: Mapping[str, Any]
    versions: Mapping[str, str | None]
    settings: Mapping[str, Any]
    peaks: Mapping[str, float]
    lengths: str
    lines: list[tuple[Outcome, list[Row]]] = field(default_factory=list)
    absent: tuple[str, ...] = ()

    def failed(self) -> bool:
        """Whether some system gave no figures."""
        return any(row.note for _, rows in self.lines for row in rows)


def as_json(result: Result) -> str:
    """Everything: also each single measurement of each variant."""
    document = {
        "hardware": result.hardware,
        "versions": result.versions,
        "settings": result.settings,
        "peaks": result.peaks,
        "lengths_sha256": result.lengths,
        "absent": result.absent,
        "lines": [
            {
                **asdict(outcome.line),
                "rows": [_row(row) for row in rows],
                "runs": [_runs(entry) for entries in outcome.runs.values() for entry in entries],
            }
            for outcome, rows in result.lines
        ],
    }
    return json.dumps(document, indent=1)


def as_table(result: Result) -> str:
    """One table for each line, the systems below one another; under it the machine."""
    tables = [_table(outcome.line, rows) for outcome, rows in result.lines]
    absent = [f"not measured: {name} is not installed" for name in result.absent]
    return "\n\n".join([*tables, "\n".join([*absent, *_machine(result)])])


def _figure(digits: int) -> Callable[[float], str]:
    return lambda value: f"{value:,.{digits}f}"


def _ratio(value: float) -> str:
    return f"{value:.2f}×"


_COLUMNS: Mapping[str, tuple[str, Callable[[float], str]]] = {
    "rate": ("/s", _figure(2)),
    "tokens": ("tokens/s", _figure(0)),
    "first_ms": ("first ms", _figure(0)),
    "step_ms": ("step ms", _figure(1)),
    "load_s": ("load s", _figure(1)),
    "ready_mb": ("ready MB", _figure(0)),
    "peak_mb": ("peak MB", _figure(0)),
    "roofline": ("roofline", lambda value: f"{value:.0%}"),
    "to_ctranslate2": ("CT2", _ratio),
    "to_ctranslate2_full": ("CT2 full", _ratio),
    "to_transformers_each": ("HF each", _ratio),
    "to_transformers": ("HF", _ratio),
    "to_batches": ("static", _ratio),
}
"""The figures of a row: heading and form. The last five are ratios to those systems."""


def _table(line: Line, rows: Sequence[Row]) -> str:
    network = NETWORKS[line.network]
    lengths = f" {network.source} in / {network.target} out" if line.kind == "forced" else ""
    title = f"{network.title}: {line.kind}{lengths}, {network.unit}, batch {line.batch}, beams {line.beams}"
    shown = {name: column for name, column in _COLUMNS.items() if any(getattr(row, name) is not None for row in rows)}
    cells = [["system", *(heading for heading, _ in shown.values()), "set up as"]]
    for row in rows:
        values = [(getattr(row, name), form) for name, (_, form) in shown.items()]
        figures = ["" if value is None else form(value) for value, form in values]
        if not row.note:
            cells.append([row.system.label, *figures, row.variant])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    failures = [f"{row.system.label} failed: {row.note}" for row in rows if row.note]
    return "\n".join([title, *(_aligned(row, widths) for row in cells), *failures])


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    """The first and the last cell to the left, figures to the right."""
    figures = [cell.rjust(width) for cell, width in zip(cells[1:-1], widths[1:-1], strict=True)]
    return "  ".join([cells[0].ljust(widths[0]), *figures, cells[-1]]).rstrip()


def _machine(result: Result) -> list[str]:
    machine, rates = result.hardware, result.peaks
    giga = {name: f"{rate / 1e9:,.0f}" for name, rate in rates.items()}
    return [
        f"{machine['gpu'] or machine['cpu']}, {machine['threads']} threads ({' '.join(machine['flags'])}), "
        f"{machine['memory_bytes'] / 2**30:.0f} GiB, load {machine['load_average']} at the start",
        f"peaks: int8 {giga['int8']} Gop/s, bfloat16 {giga['bfloat16']}, float32 {giga['float32']} Gflop/s, "
        f"memory {giga['bandwidth']} GB/s",
        ", ".join(f"{name} {version or 'absent'}" for name, version in result.versions.items()),
        f"lengths of skewed work: sha256 {result.lengths[:12]}; medians of {result.settings['repeat']} runs",
    ]


def _row(row: Row) -> dict[str, Any]:
    return {**asdict(row), "system": row.system.label}


def _runs(entry: Runs) -> dict[str, Any]:
    return {
        "system": entry.variant.system.label,
        "variant": entry.variant.label,
        "items": len(entry.items),
        "source_tokens": sum(len(item.ids) for item in entry.items),
        "failure": entry.failure,
        "measurements": [asdict(measured) for measured in entry.measurements],
    }
