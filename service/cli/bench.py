"""`mujaz bench`: the engine and its rivals on the same work, on this machine."""

import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

if TYPE_CHECKING:
    from models.benchmark.runner import Options
    from models.benchmark.systems import Vocabulary
    from models.benchmark.workloads import Line

Name = TypeVar("Name", bound=str)

_VOCABULARIES: "tuple[Vocabulary, ...]" = ("full", "trimmed")
_OF_THE_SERVICE = {"service", "threads", "form", "output"}
_OF_THE_TRUST = {"trust", "full", "threads", "work", "form", "output"}
_OF_THE_SOAK = {"soak", "threads", "form", "output"}
_OF_THE_AGREEMENT = {"agreement", "model", "rows", "threads", "device", "work", "form", "output"}

Kinds = Annotated[
    list[str] | None, typer.Option("--workload", help="forced, skewed or text (lengths); all that fit the model.")
]
Networks = Annotated[
    list[str] | None,
    typer.Option("--model", help="xlsum, opus-mt, tc-big (random weights), sample-translator or sample-summarizer."),
]
Batches = Annotated[list[int] | None, typer.Option("--batch", min=1, help="Items at one time.")]
Beams = Annotated[list[int] | None, typer.Option("--beams", min=1, max=16, help="Beam width.")]
Systems = Annotated[
    list[str] | None,
    typer.Option(
        "--system", help="A system, or what several begin with: mujaz, mujaz-int8, ctranslate2, transformers, …"
    ),
]
Vocabularies = Annotated[
    Literal["full", "trimmed", "both"] | None,
    typer.Option(help="Output vocabulary of the random networks; both, for skewed lengths trimmed."),
]
Rows = Annotated[int, typer.Option(min=100, help="Pieces of a trimmed vocabulary.")]
Full = Annotated[bool, typer.Option("--full", help="The whole grid of models, batches and beams.")]
Service = Annotated[
    bool, typer.Option("--service", help="Through HTTP instead: the sample models behind a server of their own.")
]
Soak = Annotated[
    int | None,
    typer.Option(min=10, metavar="N", help="Instead of speed: what a server holds in the course of N requests."),
]
Trust = Annotated[
    int | None,
    typer.Option(
        min=2, metavar="N", help="Instead of the engine: what the checks of N briefs cost; --full with random weights."
    ),
]
Agreement = Annotated[
    bool, typer.Option("--agreement", help="Instead of speed: how bfloat16 and int8 agree with float32.")
]
Repeat = Annotated[int, typer.Option(min=1, help="Runs of everything; medians are shown.")]
Threads = Annotated[int | None, typer.Option(min=1, help="Compute threads; all by default.")]
Device = Annotated[Literal["auto", "cpu", "cuda"], typer.Option(help="Where to compute.")]
Work = Annotated[
    Path | None, typer.Option(metavar="DIR", file_okay=False, help="Keep checkpoints here for the next time.")
]
Form = Annotated[Literal["text", "json"], typer.Option("--format", help="text (a table) or json.")]
Output = Annotated[Path | None, typer.Option(metavar="FILE", dir_okay=False, help="Write the JSON here too.")]


def bench(
    context: typer.Context,
    workload: Kinds = None,
    model: Networks = None,
    batch: Batches = None,
    beams: Beams = None,
    system: Systems = None,
    vocabulary: Vocabularies = None,
    rows: Rows = 20_000,
    full: Full = False,
    service: Service = False,
    soak: Soak = None,
    trust: Trust = None,
    agreement: Agreement = False,
    repeat: Repeat = 3,
    threads: Threads = None,
    device: Device = "auto",
    work: Work = None,
    form: Form = "text",
    output: Output = None,
) -> None:
    """Measure Mujaz, CTranslate2 and transformers on the same work; options that are repeated add up.

    Without options: XL-Sum's mT5 on 8 articles, opus-mt's Marian on 32 sentences and on a stream of them, with 4 beams.
    Every measurement is a process of its own. CTranslate2 comes with Mujaz's extra `bench`.
    """
    if service:
        _refuse_all_but(context, _OF_THE_SERVICE)
        _service(threads, form, output)
    elif soak:
        _refuse_all_but(context, _OF_THE_SOAK)
        _soak(soak, threads, form, output)
    elif trust:
        _refuse_all_but(context, _OF_THE_TRUST)
        _trust(trust, full, threads, work, form, output)
    elif agreement:
        _refuse_all_but(context, _OF_THE_AGREEMENT)
        _agreement(model, rows, threads, device, work, form, output)
    else:
        kind = _device(device)
        lines, names = _lines(kind, full, workload, model, batch, beams), _systems(system, kind)
        vocabularies: list[Vocabulary] = [name for name in _VOCABULARIES if vocabulary in (name, "both")]
        with _folder(work) as folder:
            _engines(lines, names, vocabularies, _options(folder, kind, threads, repeat, rows), form, output)


def _engines(
    lines: "list[Line]",
    systems: list[str],
    vocabularies: "list[Vocabulary]",
    options: "Options",
    form: str,
    output: Path | None,
) -> None:
    from models.benchmark.compare import compare
    from models.benchmark.result import as_json, as_table
    from service.errors import Exit
    from service.version import VERSION

    result = compare(lines, systems, vocabularies, options, version=VERSION, say=_say)
    _write(as_table(result), as_json(result), form, output)
    if result.failed():
        raise typer.Exit(Exit.SOME_FAILED)


def _refuse_all_but(context: typer.Context, wanted: Collection[str]) -> None:
    """What the command line gives must mean something there."""
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if source is not None and source.name == "COMMANDLINE" and parameter.name not in wanted:
            raise typer.BadParameter(f"{parameter.opts[0]} does not go with this kind of measurement")


def _device(name: str) -> str:
    from models.device import choose

    try:
        return choose(name).type
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _lines(
    device: str,
    full: bool,
    kinds: Sequence[str] | None,
    networks: Sequence[str] | None,
    batches: Sequence[int] | None,
    beams: Sequence[int] | None,
) -> "list[Line]":
    from models.benchmark.plan import lines
    from models.benchmark.workloads import KINDS, NETWORKS

    found = lines(
        device=device,
        full=full,
        kinds=[_known(kind, KINDS, "workload") for kind in kinds or ()],
        networks=[_known(name, NETWORKS, "model") for name in networks or ()],
        batches=batches or (),
        beams=beams or (),
    )
    if not found:
        raise typer.BadParameter(
            "the random networks have forced lengths (a translator skewed ones too), the sample models text"
        )
    return found


def _systems(asked: Sequence[str] | None, device: str) -> list[str]:
    from models.benchmark.systems import missing, names, select

    for name in asked or ():
        systems = select([name], device, "skewed", ["full"])
        if not systems:
            raise typer.BadParameter(f"there is no system {name!r} here: {', '.join(names(device))}")
        if missing(systems):
            raise typer.BadParameter(f"{name} is not installed: pip install 'mujaz[bench]'")
    return list(asked or ())


def _known(name: str, table: Mapping[Name, object], what: str) -> Name:
    found = next((known for known in table if known == name), None)
    if found is None:
        raise typer.BadParameter(f"there is no {what} {name!r}: {', '.join(table)}")
    return found


def _options(folder: Path, device: str, threads: int | None, repeat: int, rows: int) -> "Options":
    from models.benchmark.runner import Options
    from models.device import threads as available

    return Options(folder, device, threads or available(), repeat, rows)


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.resolve()
    else:
        with tempfile.TemporaryDirectory(prefix="mujaz-bench-") as folder:
            yield Path(folder)


def _say(what: str) -> None:
    typer.echo(f"mujaz: {what}", err=True)


def _write(table: str, document: str, form: str, output: Path | None) -> None:
    typer.echo(document if form == "json" else table)
    if output:
        output.write_text(document + "\n", encoding="utf-8")


def _service(threads: int | None, form: str, output: Path | None) -> None:
    import torch

    from models.benchmark.machine import hardware, versions
    from service.benchmark.measure import measure
    from service.benchmark.report import as_json, as_table
    from service.version import VERSION

    machine = hardware(torch.device("cpu"))
    result = measure(threads, _say)
    _write(as_table(result, machine), as_json(result, machine, versions(VERSION)), form, output)


def _agreement(
    networks: Sequence[str] | None,
    rows: int,
    threads: int | None,
    device: str,
    work: Path | None,
    form: str,
    output: Path | None,
) -> None:
    import torch

    from models.benchmark.agreement import USUAL, as_json, as_table, measure
    from models.benchmark.machine import hardware, versions
    from models.benchmark.workloads import NETWORKS
    from models.device import threads as available
    from service.version import VERSION

    kind = _device(device)
    names = [_known(name, NETWORKS, "model") for name in networks or USUAL]
    machine = hardware(torch.device(kind))
    settings = {"device": kind, "threads": threads or available(), "rows": rows}
    torch.set_num_threads(threads or available())
    try:
        with _folder(work) as folder:
            outcomes = list(measure(names, folder, kind, rows, _say))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    _write(as_table(outcomes, machine), as_json(outcomes, machine, versions(VERSION), settings), form, output)


def _trust(briefs: int, full: bool, threads: int | None, work: Path | None, form: str, output: Path | None) -> None:
    import torch

    from models.benchmark.machine import hardware, versions
    from service.benchmark.trust import as_json, as_table, measure
    from service.version import VERSION

    machine = hardware(torch.device("cpu"))
    with _folder(work) as folder:
        costs = measure(folder, briefs, threads, _say, random=full)
    _write(as_table(costs, machine), as_json(costs, machine, versions(VERSION)), form, output)


def _soak(requests: int, threads: int | None, form: str, output: Path | None) -> None:
    import torch

    from models.benchmark.machine import hardware, versions
    from service.benchmark.soak import as_json, as_table, soak
    from service.errors import Exit
    from service.version import VERSION

    machine = hardware(torch.device("cpu"))
    result = soak(requests, threads, _say)
    _write(as_table(result, machine), as_json(result, machine, versions(VERSION)), form, output)
    if result.wrong:
        raise typer.Exit(Exit.SOME_FAILED)
