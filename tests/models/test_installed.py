"""Weights of the distribution `biogloss-weights` are found by their names, wherever one stands."""

from pathlib import Path

import pytest

from biogloss.errors import ModelError
from biogloss.models import _installed
from biogloss.models._installed import installed
from biogloss.models.encoder import encoder_folder
from biogloss.models.tokenizer import Tokenizer

PACKAGE = Path(__file__).resolve().parents[2] / "packages" / "biogloss-weights"


@pytest.fixture
def weights(monkeypatch):
    monkeypatch.syspath_prepend(PACKAGE)


@pytest.mark.usefixtures("weights")
def test_an_encoder_is_found_by_its_name_in_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = encoder_folder("biogloss-en")
    assert (folder / "model.safetensors").is_file()
    assert len(Tokenizer(folder / "tokenizer.json").pieces("Metformin lowers glucose."))


@pytest.mark.usefixtures("weights")
def test_another_name_of_ours_lists_those_there_are():
    with pytest.raises(ModelError, match=r"biogloss-xx.*which has: .*biogloss-en"):
        installed("biogloss-xx")


@pytest.mark.parametrize("name", ["bert-base-uncased", "someone/biogloss-en", "biobert"])
def test_names_of_others_are_left_to_the_hub(name):
    assert installed(name) is None
    assert encoder_folder(name) == name


def test_without_the_distribution_the_message_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(_installed, "find_spec", lambda _: None)
    with pytest.raises(ModelError, match="pip install packages/biogloss-weights"):
        installed("biogloss-en")


@pytest.mark.parametrize("name", ["./absent/model", "/absent/model", "~/model", "../model"])
def test_a_folder_that_is_not_there_is_not_sought_on_the_hub(name):
    with pytest.raises(ModelError, match="no folder there"):
        encoder_folder(name)
