"""Training for little data and small machines: each does what its name says, and a resumed run is the whole one."""

import json
from dataclasses import replace

import pytest
from related import metformin

from biogloss.errors import TrainingError
from biogloss.models import folder as folders
from biogloss.tasks._examples import Coverage
from biogloss.tasks.ner import Ner
from biogloss.tasks.relations import Relations
from tiny import LABELS, eight, labelled, recipe, write_jsonl

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")
pytest.importorskip("transformers", reason="the extra `train` is not installed")

from safetensors.torch import load_file  # noqa: E402

from biogloss.models import encoder  # noqa: E402
from biogloss.models.encoder import HeadedModel  # noqa: E402
from biogloss.models.export import export  # noqa: E402
from biogloss.pipeline.steps import model as neural  # noqa: E402
from biogloss.training import material, passes  # noqa: E402
from biogloss.training.finetune import CHECKPOINT, finetune  # noqa: E402
from biogloss.training.freezing import Learning  # noqa: E402
from biogloss.training.optimizer import adamw, shrink  # noqa: E402

OTHER = [
    labelled(11, "The patients with gout and pain.", {"gout": "Disease"}),
    labelled(12, "Fever lowers aspirin.", {"aspirin": "Chemical", "Fever": "Disease"}),
]
CRAFT = {
    "averaged, frozen, sparse, twice, few": {"average": 0.5, "frozen_layers": 1, "l1": 0.1, "rdrop": 1.0, "shots": 3},
    "gradual adapters on changed documents of a fold": {
        "gradual": True,
        "lora_rank": 2,
        "augment": {"replace_mentions": 0.5, "synonyms": 0.5, "delete": 0.2, "noise": 0.2},
        "fold": (1, 3),
    },
    "averaged adapters alone": {"lora_rank": 2, "adapters_only": True, "average": 0.7, "rdrop": 0.5},
}


@pytest.fixture
def chosen(tiny_encoder, tmp_path):
    train = write_jsonl(tmp_path / "train.jsonl", eight())
    return recipe(tiny_encoder, train, write_jsonl(tmp_path / "dev.jsonl", OTHER), budget_pieces=32)


def events(run, kind):
    lines = (run / "log.jsonl").read_text(encoding="utf-8").splitlines()
    return [line for line in map(json.loads, lines) if line["event"] == kind]


@pytest.mark.parametrize("name", sorted(CRAFT))
def test_a_resumed_run_equals_an_uninterrupted_one_bit_for_bit(chosen, tmp_path, name):
    crafted = replace(chosen, **CRAFT[name])
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    finetune(crafted, whole)
    for number, stop in enumerate((1, 4)):
        finetune(crafted, parts, stop_after=stop)
        torch.manual_seed(number)  # what else happens in between is of no account
    finetune(crafted, parts)
    assert len(events(parts, "resumed")) == 2
    ours, theirs = load_file(whole / CHECKPOINT), load_file(parts / CHECKPOINT)
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(tensor, theirs[name]) for name, tensor in ours.items())
    files = sorted(path.name for path in (whole / "model").iterdir())
    assert files == sorted(path.name for path in (parts / "model").iterdir())
    assert all((whole / "model" / file).read_bytes() == (parts / "model" / file).read_bytes() for file in files)


# --- averages


def test_the_mean_of_the_last_weights_is_kept(chosen, tmp_path):
    averaged = replace(chosen, average=1.0, epochs=1)
    steps = []
    while not steps or not (tmp_path / "run" / "model").exists():
        finetune(averaged, tmp_path / "run", stop_after=1)
        steps.append(load_file(tmp_path / "run" / CHECKPOINT))
    steps.pop()  # the last call had nothing to do but to score
    kept = load_file(tmp_path / "run" / "model" / "model.safetensors")
    assert len(steps) > 2
    for name, tensor in kept.items():
        mean = torch.stack([step[f"model.encoder.{name}"] for step in steps]).mean(0)
        assert torch.allclose(tensor.float(), mean, atol=1e-3)


# --- what learns


def headed(tiny_encoder):
    return HeadedModel(encoder.load_encoder(str(tiny_encoder)), {"ner": Ner(LABELS).head(64)})


def learning(model):
    return {name for name, parameter in model.named_parameters() if parameter.requires_grad}


def test_layers_begin_to_learn_from_the_top_downward(tiny_encoder):
    model = headed(tiny_encoder)
    every = learning(model)
    own = Learning(model, gradual=True)
    assert learning(model) == every  # for the optimizer, which holds all that will ever learn
    found = []
    for epoch in range(4):
        own.enter(epoch)
        found.append(learning(model))
    heads = {name for name in every if name.startswith("heads.")}
    layers = [{name for name in every if f".layer.{number}." in name} for number in (0, 1)]
    assert found[0] == heads | layers[1]
    assert found[1] == heads | layers[1] | layers[0]
    assert found[2] == found[3] == every
    own.enter(0)  # a function of the epoch
    assert learning(model) == found[0]


def test_frozen_layers_stay_as_they_are(chosen, tiny_encoder, tmp_path):
    model = finetune(replace(chosen, frozen_layers=1), tmp_path / "run")
    before, after = load_file(tiny_encoder / "model.safetensors"), load_file(model / "model.safetensors")
    same = {name for name, tensor in after.items() if torch.equal(tensor, before[name].half())}
    assert same == {name for name in after if name.startswith("embeddings.") or ".layer.0." in name}


def test_matrices_move_towards_zero_and_stay_there():
    torch.manual_seed(0)
    layer = torch.nn.Linear(8, 8)
    idle = torch.nn.Linear(2, 2)
    both = torch.nn.ModuleList([layer, idle])
    optimizer = adamw(both, rate=0.1, weight_decay=0.0)
    layer(torch.ones(1, 8)).sum().backward()
    before = [parameter.detach().clone() for parameter in both.parameters()]
    shrink(optimizer, 0.5)
    weight, *rest = both.parameters()
    moved = before[0].sign() * (before[0].abs() - 0.05).clamp(min=0)
    assert torch.allclose(weight, moved)
    assert 0 < (weight == 0).sum() < weight.numel()
    assert all(torch.equal(one, other) for one, other in zip(rest, before[1:], strict=True))  # biases, and what is idle


def test_a_strong_pull_leaves_few_weights(chosen, tmp_path):
    model = finetune(replace(chosen, l1=20.0), tmp_path / "run")
    head = load_file(model / "head.safetensors")["ner.out.weight"]
    assert (head == 0).float().mean() > 0.5


# --- adapters


def test_adapters_alone_export_to_what_the_merged_model_exports_to(chosen, tiny_encoder, tmp_path):
    adapted = replace(chosen, lora_rank=2, lora_alpha=8.0, learning_rate=1e-2)
    merged = finetune(adapted, tmp_path / "merged")
    alone = finetune(replace(adapted, adapters_only=True), tmp_path / "alone")
    assert folders.settings(alone).kind == folders.ADAPTED
    assert not (alone / "model.safetensors").exists()
    before, after = load_file(tiny_encoder / "model.safetensors"), load_file(merged / "model.safetensors")
    changed = {name for name, tensor in after.items() if not torch.equal(tensor, before[name].half())}
    assert changed
    assert all(name.endswith(("query.weight", "value.weight")) for name in changed)
    one, other = (export(model, tmp_path / f"{model.parent.name}-8") for model in (merged, alone))
    for file in ("model.bin", "head.safetensors"):
        assert (one / file).read_bytes() == (other / file).read_bytes()
    assert neural.step(one)(eight()[0]).entities == neural.step(other)(eight()[0]).entities


# --- memory


def batches(tokenizer):
    """Batches of a task on pieces and of one on items, padded, with their tasks."""
    ner, text = Ner(LABELS, max_pieces=12, overlap=4), " ".join(document.text for document in eight())
    whole = labelled(1, text, {"Gout": "Disease", "Metformin": "Chemical"})
    pair = Relations.fitted([metformin()], level="mention")
    for task, found in ((ner, [whole, *eight()]), (replace(pair, max_pieces=12, overlap=4), [metformin()] * 3)):
        examples = [
            example
            for document in found
            for example in task.examples(
                document, tokenizer.pieces(document.text), tokenizer, Coverage(frozenset(LABELS))
            )
        ]
        yield task, material.collate(examples, tokenizer.padding)


@pytest.mark.parametrize("parts", [2, 3, "all"])
@pytest.mark.parametrize("number", [1, 2])
def test_a_batch_in_parts_has_the_gradients_of_the_whole(tiny_encoder, tiny_tokenizer, parts, number):
    for task, batch in batches(tiny_tokenizer):
        torch.manual_seed(0)
        model = HeadedModel(encoder.load_encoder(str(tiny_encoder)), {"own": task.head(64)}).eval()  # without dropout
        targets = torch.from_numpy(batch.targets)

        def loss(states, *, model=model, task=task, batch=batch, targets=targets):
            logits = [model.heads["own"](own, batch.pooling) for own in states]
            return sum(task.loss(own, targets) for own in logits) + task.divergence(logits[0], 2 * logits[-1])

        whole = passes.gradients(model, batch, loss, passes=number)
        expected = {
            name: parameter.grad.clone() for name, parameter in model.named_parameters() if parameter.grad is not None
        }
        model.zero_grad()
        count = len(batch.ids) if parts == "all" else parts
        assert passes.gradients(model, batch, loss, passes=number, parts=count).item() == pytest.approx(whole.item())
        assert len(expected) > 20
        for name, gradient in expected.items():
            assert torch.allclose(model.get_parameter(name).grad, gradient, atol=1e-5), name


def short_of_memory(monkeypatch, limit):
    """Let torch have no memory for more than so many pieces at once."""
    embedding = torch.nn.functional.embedding

    def embed(ids, *arguments, **more):
        if ids.numel() > limit:
            raise RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory")
        return embedding(ids, *arguments, **more)

    monkeypatch.setattr(torch.nn.functional, "embedding", embed)


def test_a_batch_without_memory_is_read_in_parts_and_the_log_says_so(chosen, tmp_path, monkeypatch):
    plain = replace(chosen, dropout=0.0, epochs=1, cuts=(16,), files={"train": chosen.files["train"]})
    enough = finetune(plain, tmp_path / "enough")
    short_of_memory(monkeypatch, 20)
    short = finetune(plain, tmp_path / "short")
    (first, *_) = events(tmp_path / "short", "out_of_memory")
    assert first["parts"] == 2
    assert "lower budget_pieces" in first["todo"]
    assert not events(tmp_path / "enough", "out_of_memory")
    one, other = (load_file(model / "model.safetensors") for model in (enough, short))
    # Means, for Adam's first steps have the size of the rate even where a gradient is nothing but rounding.
    assert all((tensor.float() - other[name].float()).abs().mean() < 2e-4 for name, tensor in one.items())


def test_two_passes_are_read_in_parts_too(chosen, tmp_path, monkeypatch):
    short_of_memory(monkeypatch, 20)
    alone = replace(chosen, rdrop=1.0, average=1.0, epochs=1, cuts=(16,), files={"train": chosen.files["train"]})
    finetune(alone, tmp_path / "run")
    assert events(tmp_path / "run", "out_of_memory")
    assert len(events(tmp_path / "run", "kept")) == 1


def test_a_window_that_is_too_long_for_the_memory_is_an_error_that_says_what_to_do(chosen, tmp_path, monkeypatch):
    short_of_memory(monkeypatch, 4)
    with pytest.raises(TrainingError, match="no memory for a single window; lower max_pieces and cuts"):
        finetune(chosen, tmp_path / "run")


def test_other_errors_are_not_taken_for_a_lack_of_memory():
    def attempt(_):
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes do not match"):
        passes.within_memory(attempt, most=4, told=print)
