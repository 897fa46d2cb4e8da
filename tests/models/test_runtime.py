"""The runtime: which engine computes, in which format, from which files, for which languages."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.catalog import Catalog
from models.engine.mujaz import MujazEngine
from models.engine.reference import ReferenceEngine
from models.engine.weights import Format
from models.errors import WeightsCorrupt
from models.runtime import Runtime, RuntimeConfig
from models.weights import seal, tensor_bytes
from models.weights.prepared import prepare
from models.work import Model
from tests.support import checkpoints, runtimes

pytestmark = pytest.mark.anyio

CATALOG = Catalog.load()
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return runtimes.write(tmp_path_factory.mktemp("weights"), "ar-en", "xlsum")


@pytest.fixture
def loading(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.INFO, "models.load"):
        yield caplog


def folder(root: Path, entry_id: str) -> Path:
    return root / CATALOG.get(entry_id).folder


async def translator(runtime: Runtime) -> Model:
    async with runtime.translator("ar", "en") as lent:
        return lent.model


async def translated(runtime: Runtime) -> list[str]:
    async with runtime.translator("ar", "en") as lent:
        return [one.text for one in await lent.translate(checkpoints.sentences(12), runtime.work())]


# ---------------------------------------------------------------- engines and formats


async def test_each_lane_has_slots_of_its_own_and_the_same_answers(root: Path) -> None:
    with runtimes.running(root) as runtime:
        async with runtime.translator("ar", "en") as lent:
            used: list[object] = []
            submit = runtime.work().scheduler.submit

            def noting(engine: Any, *args: Any, **options: Any) -> Any:
                used.append(engine)
                return submit(engine, *args, **options)

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(runtime.work().scheduler, "submit", noting)
                texts = checkpoints.sentences(6)
                assert await lent.translate(texts, runtime.work("interactive")) == await lent.translate(
                    texts, runtime.work("bulk")
                )
            assert list(dict.fromkeys(used)) == [lent.model.engine, lent.model.bulk]  # second attempts in the same lane
            assert lent.model.engine is not lent.model.bulk


async def test_both_engines_translate_and_summarize_alike(root: Path) -> None:
    answers = []
    for engine in ("mujaz", "reference"):
        with runtimes.running(root, engine=engine, beams=3) as runtime:
            async with runtime.summarizer("ar") as summarizer:
                summary = await summarizer.summarize(checkpoints.sentences(4), runtime.work())
            answers.append((await translated(runtime), summary))
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("engine", "made"), [("mujaz", MujazEngine), ("reference", ReferenceEngine)], ids=["mujaz", "reference"]
)
async def test_the_engine_is_a_setting(root: Path, engine: str, made: type) -> None:
    with runtimes.running(root, engine=engine) as runtime:
        assert isinstance((await translator(runtime)).engine, made)


async def test_both_engines_take_the_same_settings_from_a_checkpoint(root: Path) -> None:
    settings = []
    for engine in ("mujaz", "reference"):
        with runtimes.running(root, engine=engine, beams=None) as runtime:
            async with runtime.summarizer("ar") as summarizer:
                settings.append((summarizer.model.settings, (await translator(runtime)).settings))
    assert settings[0] == settings[1]


@pytest.mark.parametrize("form", ["float32", "bfloat16", "int8"])
async def test_a_model_says_what_it_is_computed_in(root: Path, form: str) -> None:
    with runtimes.running(root, dtype=form) as runtime:
        assert (await translator(runtime)).info.dtype == runtime.format == form
        assert all(await translated(runtime))


@pytest.mark.parametrize("config", [{"dtype": "int8"}, {"vocabulary": ("ar",)}], ids=["int8", "vocabulary"])
def test_what_the_reference_engine_cannot_do_is_refused(root: Path, config: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="use the engine mujaz"):
        Runtime(RuntimeConfig(models=str(root), root=root, engine="reference", device="cpu", **config))


def test_transformers_models_are_not_even_imported() -> None:
    script = (
        "import sys; from pathlib import Path; from models.runtime import Runtime, RuntimeConfig\n"
        "runtime = Runtime(RuntimeConfig(models='sample', root=Path(), device='cpu')); runtime.start(); runtime.close()\n"
        "print([n for n in ('transformers.modeling_utils', 'torch._dynamo') if n in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


# ---------------------------------------------------------------- prepared forms


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    """A translator and a summarizer with their locks."""
    root = runtimes.write(tmp_path, "ar-en", "xlsum")
    for entry_id in ("ar-en", "xlsum"):
        names = [path.name for path in folder(root, entry_id).iterdir()]
        seal(folder(root, entry_id), names, repo="o/n", revision="a" * 40, licence="MIT")
    return root


async def test_what_is_prepared_is_loaded_instead_of_the_checkpoint(locked: Path) -> None:
    with runtimes.running(locked, dtype="int8") as runtime:
        converted = await translated(runtime)
    for entry_id in ("ar-en", "xlsum"):
        prepare(folder(locked, entry_id), "int8")
        weights = folder(locked, entry_id) / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[:-8] + bytes(8))  # would be found, were it read
    with runtimes.running(locked, dtype="int8") as runtime:
        assert await translated(runtime) == converted
    with pytest.raises(WeightsCorrupt, match=r"model\.safetensors"), runtimes.running(locked, dtype="bfloat16"):
        pass


def test_what_is_not_prepared_is_converted_in_memory_and_named_in_the_log(
    locked: Path, loading: pytest.LogCaptureFixture
) -> None:
    before = sorted(locked.rglob("*"))
    with runtimes.running(locked, dtype="int8"):
        pass
    assert sorted(locked.rglob("*")) == before
    assert [message for message in loading.messages if "mujaz models prepare ar-en" in message]
    assert len(loading.messages) == 2


def test_sample_models_need_no_preparation(tmp_path: Path, loading: pytest.LogCaptureFixture) -> None:
    runtime = Runtime(RuntimeConfig(models="sample", root=tmp_path, device="cpu"))
    try:
        runtime.start()
    finally:
        runtime.close()
    assert loading.messages == []


@pytest.mark.parametrize("is_prepared", [False, True])
@pytest.mark.parametrize(("form", "loaded"), [("int8", 2), ("float32", 1)])
def test_the_budget_counts_bytes_in_the_format_that_is_computed_in(
    locked: Path, form: Format, loaded: int, is_prepared: bool
) -> None:
    ids = ("ar-en", "xlsum")
    if is_prepared:
        for entry_id in ids:
            prepare(folder(locked, entry_id), form)
    budget = 3 * sum(tensor_bytes(folder(locked, entry_id), 1) for entry_id in ids)
    with runtimes.running(locked, dtype=form, memory_budget=budget) as runtime:
        assert sum(model.state == "loaded" for model in runtime.describe()) == loaded


# ---------------------------------------------------------------- output vocabulary


async def test_with_languages_the_output_is_restricted(root: Path) -> None:
    sizes = []
    for languages in ((), ("ar",)):
        with runtimes.running(root, vocabulary=languages) as runtime:
            async with runtime.summarizer("ar") as summarizer:
                sizes.append((summarizer.model.info.parameters, (await translator(runtime)).info.parameters))
            assert all(await translated(runtime))
    (summarizer_whole, translator_whole), (summarizer_part, translator_part) = sizes
    assert summarizer_part < summarizer_whole
    assert translator_part > translator_whole  # its output is no longer one with the embedding


def test_a_summarizer_is_used_for_languages_that_it_can_still_write(root: Path) -> None:
    with runtimes.running(root, vocabulary=("ar", "fr")) as runtime:
        assert [runtime.summarizes(language) for language in ("ar", "fr", "en", "tr")] == [True, True, False, False]
    with runtimes.running(root) as runtime:
        assert [runtime.summarizes(language) for language in ("ar", "fr", "en", "de")] == [True, True, True, False]


def test_a_summarizer_that_reads_none_of_the_languages_is_not_used(root: Path) -> None:
    with runtimes.running(root, vocabulary=("de",)) as runtime:
        assert not [language for language in ("ar", "fr", "en", "de") if runtime.summarizes(language)]
        assert {model.id for model in runtime.describe() if model.state == "loaded"} == {"ar-en"}


def test_a_summarizer_for_english_alone_is_there_from_the_start(root: Path) -> None:
    with runtimes.running(root, vocabulary=("en",)) as runtime:
        assert {model.id for model in runtime.describe() if model.state == "loaded"} == {"ar-en", "xlsum"}
