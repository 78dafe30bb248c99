"""Our losses are those of a plain loop; a resumed run is the uninterrupted one; what goes astray is undone."""

import os
import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from pretraining import build_corpus, pretrain_recipe, steps, write_toml

from biogloss.errors import ConfigError, ModelError, TrainingError
from biogloss.preparation.corpus import TRAIN, Corpus
from tiny import cached

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")
transformers = pytest.importorskip("transformers", reason="the extra `train` is not installed")

from safetensors.torch import load_file  # noqa: E402

from biogloss.models.tokenizer import Tokenizer  # noqa: E402
from biogloss.training import effort, learner  # noqa: E402
from biogloss.training import pretrain as loop  # noqa: E402
from biogloss.training.objectives import masked_words  # noqa: E402
from biogloss.training.objectives._masking import Masking  # noqa: E402
from biogloss.training.optimizer import schedule  # noqa: E402
from biogloss.training.pretrain import CHECKPOINT, pretrain  # noqa: E402
from biogloss.training.rows import Blocks  # noqa: E402


@pytest.fixture(autouse=True)
def _nobody_looks(monkeypatch):
    monkeypatch.setattr(effort, "SECONDS", 0.0)  # nobody looks at the share of the peak here


@pytest.fixture(scope="session")
def corpus(tmp_path_factory, tiny_encoder):
    return cached("corpus", tmp_path_factory, lambda folder: build_corpus(folder, tiny_encoder / "tokenizer.json"))


@pytest.fixture
def recipe(corpus, tiny_encoder):
    return pretrain_recipe(corpus, encoder=str(tiny_encoder))


def assert_the_same(one, other):
    assert (one / "steps.jsonl").read_bytes() == (other / "steps.jsonl").read_bytes()
    for name in ("base/model.safetensors", "encoder/model.safetensors", "encoder/config.json", CHECKPOINT):
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


def masked_model(folder, encoder):
    """The tiny encoder with a head of its own, so that two loops can start from the same numbers."""
    torch.manual_seed(1)
    model = transformers.AutoModelForMaskedLM.from_pretrained(encoder)
    model.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).write_bytes((encoder / name).read_bytes())
    return folder


def test_the_losses_follow_a_plain_loop_of_transformers(corpus, tiny_encoder, tmp_path):
    start = masked_model(tmp_path / "start", tiny_encoder)
    recipe = pretrain_recipe(corpus, encoder=str(start), head_pieces=0, pieces=50 * 128, dropout=0.0, evaluations=1)
    pretrain(recipe, tmp_path / "run")
    ours = [record["loss"] for record in steps(tmp_path / "run") if "loss" in record]

    model = transformers.AutoModelForMaskedLM.from_pretrained(start)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    model.train()
    decayed = [[p for p in model.parameters() if p.ndim > 1], [p for p in model.parameters() if p.ndim == 1]]
    groups = [{"params": decayed[0], "weight_decay": 0.01}, {"params": decayed[1], "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1e-3, foreach=False, fused=False)
    tokenizer = Tokenizer(start / "tokenizer.json")
    rows = Blocks(list(Corpus(corpus).shards(TRAIN)), 16, tokenizer.first, tokenizer.last, recipe.seed)
    masking = Masking(mask=tokenizer.mask, ordinary=tokenizer.ordinary)
    theirs = []
    for step in range(50):
        losses = []
        for row in (8 * step, 8 * step + 4):
            taken = rows.take(row, 4)
            hidden = masked_words.hide(taken.ids, taken.words, masking, np.random.default_rng([recipe.seed, row]))
            labels = torch.full(hidden.ids.shape, -100)
            labels.view(-1)[hidden.places] = hidden.pieces
            loss = model(input_ids=hidden.ids, labels=labels).loss
            (loss / 2).backward()
            losses.append(loss.item())
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for group in optimizer.param_groups:
            group["lr"] = 1e-3 * schedule(step / 50, recipe.warmup)
        optimizer.step()
        optimizer.zero_grad()
        theirs.append(sum(losses) / 2)

    assert ours == pytest.approx(theirs, abs=1e-4)
    assert ours[-1] < ours[0]


@pytest.mark.parametrize("stops", [(1, 4), (5,), (3, 3, 3, 3)])
def test_a_resumed_run_equals_an_uninterrupted_one_bit_for_bit(recipe, tmp_path, stops):
    pretrain(recipe, tmp_path / "whole")
    for number, stop in enumerate(stops):
        pretrain(recipe, tmp_path / "parts", stop_after=stop)
        torch.manual_seed(number)  # what else happens in between is of no account
    pretrain(recipe, tmp_path / "parts")
    assert_the_same(tmp_path / "whole", tmp_path / "parts")
    assert pretrain(recipe, tmp_path / "parts") == tmp_path / "parts" / "encoder"  # a finished run stays as it is
    assert_the_same(tmp_path / "whole", tmp_path / "parts")


@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_a_killed_run_equals_an_uninterrupted_one_bit_for_bit(recipe, tmp_path, kills):
    recipe = replace(recipe, checkpoint_minutes=0.002, pieces=60 * 128)
    file = write_toml(tmp_path / "recipe.toml", recipe)
    pretrain(recipe, tmp_path / "whole")
    rng = np.random.default_rng(kills)
    for _ in range(kills):
        command = [sys.executable, "-m", "biogloss", "pretrain", str(file), "--run", str(tmp_path / "parts")]
        with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as running:
            for line in running.stderr:
                if line.startswith(("started", "resumed")):
                    break
            try:
                running.wait(timeout=float(rng.uniform(0.05, 0.5)))  # where it is by then is what is random here
            except subprocess.TimeoutExpired:
                os.kill(running.pid, signal.SIGKILL)
    pretrain(recipe, tmp_path / "parts")
    assert_the_same(tmp_path / "whole", tmp_path / "parts")


def test_what_comes_out_loads_in_transformers_to_the_same_numbers(recipe, tmp_path):
    folder = pretrain(recipe, tmp_path / "run")
    ids = torch.arange(5, 21)[None]
    ours = learner.load(folder).eval()
    with torch.no_grad():
        states = ours(ids)[-1]
        body = transformers.AutoModel.from_pretrained(folder).eval()(input_ids=ids).last_hidden_state
        full = transformers.AutoModelForMaskedLM.from_pretrained(folder).eval()(input_ids=ids).logits
        assert torch.allclose(states, body, atol=1e-6)
        assert torch.allclose(ours.words_head(states), full, atol=1e-5)
    assert transformers.AutoTokenizer.from_pretrained(folder)("gout hurts")["input_ids"]


def test_the_base_is_the_encoder_as_it_came_with_a_head(recipe, tiny_encoder, tmp_path):
    pretrain(recipe, tmp_path / "run")
    came, base = (load_file(path / "model.safetensors") for path in (tiny_encoder, tmp_path / "run" / "base"))
    assert all(torch.equal(tensor, base[f"bert.{name}"]) for name, tensor in came.items())
    encoder = load_file(tmp_path / "run" / "encoder" / "model.safetensors")
    assert not torch.equal(encoder["bert.embeddings.word_embeddings.weight"], came["embeddings.word_embeddings.weight"])


def test_the_held_out_loss_goes_down(recipe, tmp_path):
    pretrain(replace(recipe, pieces=60 * 128), tmp_path / "run")
    found = [record["held_out"] for record in steps(tmp_path / "run") if "held_out" in record]
    assert len(found) == 2
    assert found[-1] < found[0]


def test_random_weights_learn_too(recipe, tmp_path):
    folder = pretrain(replace(recipe, encoder="", preset="tiny", pieces=256), tmp_path / "run")
    assert learner.load(folder).body.config.num_hidden_layers == 2
    assert not (tmp_path / "run" / "base").exists()  # there is nothing to compare with


def test_frozen_layers_stay_as_they_are(recipe, tiny_encoder, tmp_path):
    folder = pretrain(replace(recipe, frozen_layers=1), tmp_path / "run")
    came, now = load_file(tiny_encoder / "model.safetensors"), load_file(folder / "model.safetensors")
    same = {name for name, tensor in came.items() if torch.equal(tensor, now[f"bert.{name}"])}
    assert same == {name for name in came if "layer.1." not in name}


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1e6])
def test_a_step_that_goes_astray_is_undone_and_its_rows_are_passed_over(recipe, tmp_path, monkeypatch, bad):
    recipe = replace(recipe, head_pieces=0, pieces=60 * 128)
    real, bad_row = loop._Pretraining._losses, 50 * 8

    def losses(self, row):
        found = real(self, row)
        return found | {"loss": found["loss"] * bad} if row == bad_row else found

    monkeypatch.setattr(loop._Pretraining, "_losses", losses)
    folder = pretrain(recipe, tmp_path / "run")
    records = steps(tmp_path / "run")
    assert [record["from_step"] for record in records if "rolled_back" in record] == [50]
    assert "rolled back" in (tmp_path / "run" / "curve.svg").read_text(encoding="utf-8")
    assert sum("norm" in record for record in records) == 60
    assert all(torch.isfinite(tensor).all() for tensor in load_file(folder / "model.safetensors").values())


def test_a_run_that_goes_astray_again_and_again_stops_and_says_what_to_do(recipe, tmp_path, monkeypatch):
    monkeypatch.setattr(
        loop._Pretraining,
        "_losses",
        lambda self, _row: {"loss": self.model.words_head.predictions.bias.sum() * float("nan")},
    )
    with pytest.raises(TrainingError, match="lower learning_rate"):
        pretrain(replace(recipe, head_pieces=0), tmp_path / "run")


def test_another_recipe_or_corpus_in_the_same_folder_is_refused(recipe, corpus, tiny_encoder, tmp_path):
    pretrain(recipe, tmp_path / "run", stop_after=1)
    with pytest.raises(ConfigError, match="other seed"):
        pretrain(replace(recipe, seed=2), tmp_path / "run")
    other = build_corpus(tmp_path, tiny_encoder / "tokenizer.json", documents=80)
    corpus_before = (corpus / "manifest.json").read_bytes()
    with pytest.raises(ConfigError, match="other content of the corpus, corpus"):
        pretrain(replace(recipe, corpus=str(other)), tmp_path / "run")
    assert (corpus / "manifest.json").read_bytes() == corpus_before
    assert pretrain(recipe, tmp_path / "run").exists()  # nothing was lost


def test_a_corpus_of_another_vocabulary_is_refused(recipe, tmp_path, tiny_encoder):
    other = tmp_path / "other"
    other.mkdir()
    for file in tiny_encoder.iterdir():
        (other / file.name).write_bytes(file.read_bytes().replace(b'"gout"', b'"g0ut"'))
    with pytest.raises(ConfigError, match=r"cut with another vocabulary.*--tokenizer"):
        pretrain(replace(recipe, encoder=str(other)), tmp_path / "run")


def test_a_damaged_checkpoint_is_an_error_that_says_so(recipe, tmp_path):
    pretrain(recipe, tmp_path / "run", stop_after=1)
    path = tmp_path / "run" / CHECKPOINT
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ModelError, match="not a checkpoint of Biogloss or damaged"):
        pretrain(recipe, tmp_path / "run")


def test_a_corrupt_shard_is_found_before_anything_is_learned(recipe, tmp_path, tiny_encoder):
    own = build_corpus(tmp_path, tiny_encoder / "tokenizer.json")
    shard = next(own.glob("train-*.safetensors"))
    content = bytearray(shard.read_bytes())
    content[-20] ^= 1
    shard.write_bytes(content)
    with pytest.raises(Exception, match=f"{shard.name}.*checksum|checksum.*{shard.name}"):
        pretrain(replace(recipe, corpus=str(own)), tmp_path / "run")
