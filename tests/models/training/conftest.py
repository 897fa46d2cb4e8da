"""A tiny corpus and its vocabularies, made once for all tests of training."""

from pathlib import Path

import pytest

from models.training.data import Corpus
from tests.support.corpus import make_corpus, marian_tokenizer, mt5_tokenizer


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return make_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="session")
def marian_folder(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tokenizer of a translator."""
    return marian_tokenizer(corpus, tmp_path_factory.mktemp("marian"))


@pytest.fixture(scope="session")
def mt5_folder(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tokenizer of a summarizer."""
    return mt5_tokenizer(corpus, tmp_path_factory.mktemp("mt5"))
