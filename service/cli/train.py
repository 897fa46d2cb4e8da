"""`mujaz train`: make or continue a checkpoint, and pack it for shipping; learn the word table."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from models.training.data import Corpus
    from models.training.trainer import Options, Progress

app = typer.Typer(no_args_is_help=True, help="Train translators and summarizers on a corpus of written articles.")

Out = Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the run lives; start it again here to go on.")]
From = Annotated[
    Path | None,
    typer.Option(
        "--from", metavar="DIR", exists=True, file_okay=False, help="A checkpoint to continue instead of a new model."
    ),
]
CorpusFolder = Annotated[Path | None, typer.Option("--corpus", metavar="DIR", help="A corpus folder instead of ours.")]
Minutes = Annotated[float | None, typer.Option(min=0.01, help="Train for this many minutes.")]
Steps = Annotated[int | None, typer.Option(min=1, help="Train for this many updates.")]
Threads = Annotated[int | None, typer.Option(min=1, help="CPU threads; all by default.")]
Peak = Annotated[float, typer.Option(min=1e-6, help="The highest learning rate.")]
Seed = Annotated[int, typer.Option(help="The seed of weights, order and variation.")]


@app.command()
def translator(
    folder: Out,
    start: From = None,
    corpus: CorpusFolder = None,
    minutes: Minutes = None,
    steps: Steps = None,
    threads: Threads = None,
    peak: Peak = 1.2e-3,
    seed: Seed = 20,
) -> None:
    """Train an Arabic-English MarianMT; the best checkpoint so far stands in FOLDER/checkpoint."""
    from models.training.run import train_translator

    _train(train_translator, "chrF", folder, start, corpus, _options(minutes, steps, threads, peak, seed))


@app.command()
def summarizer(
    folder: Out,
    start: From = None,
    corpus: CorpusFolder = None,
    minutes: Minutes = None,
    steps: Steps = None,
    threads: Threads = None,
    peak: Peak = 1e-3,
    seed: Seed = 20,
) -> None:
    """Train an Arabic and English mT5 summarizer; the best checkpoint so far stands in FOLDER/checkpoint."""
    from models.training.run import train_summarizer

    _train(train_summarizer, "ROUGE-L", folder, start, corpus, _options(minutes, steps, threads, peak, seed))


@app.command()
def pack(
    checkpoint: Annotated[Path, typer.Argument(help="A trained checkpoint.")],
    folder: Annotated[Path, typer.Argument(help="Where to write the packed one.")],
    repo: Annotated[str, typer.Option(help="The name that answers give the model, such as mujaz/sample-translator.")],
    licence: Annotated[str, typer.Option(help="Its licence (SPDX).")] = "Apache-2.0",
) -> None:
    """Store a checkpoint's weights in float16 and lock its files."""
    from models.training.pack import pack as write

    try:
        size = write(checkpoint, folder, repo=repo, licence=licence)
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{checkpoint} cannot be packed: {error}") from error
    typer.echo(f"{folder}: {size / 1e6:.1f} MB", err=True)


@app.command()
def lexicon(
    path: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help="Where to write the table (.tsv.gz).")],
    corpus: CorpusFolder = None,
) -> None:
    """Learn which words translate each other, Arabic to English: the table that evidence and checks look words up in."""
    from models.training.data import CORPUS, digest
    from models.training.lexicon import train, write

    table = train(_read(corpus).pairs("train"))
    told = f"mujaz train lexicon, on the training split of a corpus with sha256 {digest(corpus or CORPUS)}"
    size = write(table, path, told)
    typer.echo(f"{path}: {len(table.entries):,} pairs of words, {size / 1e3:.0f} kB", err=True)


def _options(minutes: float | None, steps: int | None, threads: int | None, peak: float, seed: int) -> "Options":
    from models.training.schedule import Budget
    from models.training.trainer import Options

    try:
        budget = Budget(steps=steps, minutes=minutes)
    except ValueError as error:
        raise typer.BadParameter("give --minutes or --steps, one of the two") from error
    return Options(budget, peak=peak, seed=seed, threads=threads)


def _read(folder: Path | None) -> "Corpus":
    from models.training.data import CORPUS, read_corpus

    try:
        return read_corpus(folder or CORPUS)
    except ValueError as error:
        raise typer.BadParameter(f"the corpus cannot be read: {error}") from error


def _train(
    run: "Callable[[Corpus, Path, Options, Path | None], Progress]",
    score: str,
    folder: Path,
    start: Path | None,
    corpus: Path | None,
    options: "Options",
) -> None:
    try:
        progress = run(_read(corpus), folder, options, start)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    told = [f"{progress.step} updates in {progress.seconds / 60:.1f} minutes"]
    if math.isfinite(progress.best):
        told.append(f"best validation {score} {progress.best:.2f}; checkpoint in {folder / 'checkpoint'}")
    if options.budget.progress(progress.step, progress.seconds) < 1:
        told.append("stopped: the same command goes on")
    typer.echo("; ".join(told), err=True)
