"""The server's own glossary: read when the runtime is made; a file that cannot be used is a wrong setting."""

from pathlib import Path

import pytest

from service.runtime import make_runtime
from service.settings import Settings, SettingsError


def test_the_glossary_of_the_settings_is_the_runtimes(tmp_path: Path) -> None:
    file = tmp_path / "terms.tsv"
    file.write_text("القاهرة\tCairo\n", encoding="utf-8")
    runtime = make_runtime(Settings(models="sample", glossary=str(file)))
    runtime.close()
    assert runtime.config.glossary is not None
    assert [entry.target for entry in runtime.config.glossary.entries] == ["Cairo"]


def test_without_one_there_is_none() -> None:
    runtime = make_runtime(Settings(models="sample"))
    runtime.close()
    assert runtime.config.glossary is None


@pytest.mark.parametrize("content", [None, "no tab\n"])
def test_a_file_that_cannot_be_used_is_a_wrong_setting(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "terms.tsv"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError, match="MUJAZ_GLOSSARY"):
        make_runtime(Settings(models="sample", glossary=str(file)))
