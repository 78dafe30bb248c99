"""Several models asked together: the mean of what they say, whoever comes first; models that do not fit are refused."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import softmax

import biogloss
from biogloss.documents.jsonl import from_line, to_line
from biogloss.errors import ConfigError, ModelError
from biogloss.models import folder as folders
from biogloss.models.tokenizer import Tokenizer
from biogloss.pipeline import files
from biogloss.pipeline.asked import Asked
from biogloss.pipeline.files import Job
from biogloss.pipeline.steps import model as neural
from every_task import CASES, write_model
from tiny import LABELS, build_tokenizer, eight, one_sentence

pytest.importorskip("transformers", reason="the extra `train` is not installed")

NUMBER = "number"


@pytest.fixture(scope="module")
def members(tiny_encoder, tmp_path_factory):
    """Three models of random weights with a head for every task."""
    from biogloss.models.export import export  # noqa: PLC0415

    place = tmp_path_factory.mktemp("members")
    made = [write_model(place / f"trainable-{seed}", tiny_encoder, seed=seed) for seed in (3, 4, 5)]
    return [export(one, place / f"member-{seed}", precision="float32") for seed, one in enumerate(made)]


def changed(folder, target, change):
    """A copy of a folder with other settings."""
    shutil.copytree(folder, target)
    folders.seal(target, change(folders.settings(folder)))
    return target


def of_one_head(folder, target, name):
    """A copy of a folder that has one head of its heads."""
    return changed(
        folder, target, lambda own: replace(own, heads=tuple(head for head in own.heads if head.name == name))
    )


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_model_asked_with_itself_says_what_it_says_alone(members, tmp_path, name):
    alone = of_one_head(members[0], tmp_path / "alone", name)
    document = CASES[name].document
    one, both = neural.step(alone)(document), neural.step([alone, alone])(document)
    said, expected = CASES[name].made.said(both), CASES[name].made.said(one)
    assert said.keys() == expected.keys()
    for label, own in said.items():
        # of equal scores either may come first
        assert own.keys() == expected[label].keys()
        assert [score or 0 for score in own.values()] == pytest.approx(
            [expected[label][what] or 0 for what in own], abs=0.0011
        )


@pytest.mark.parametrize("name", ["classes", "several", "pairs", NUMBER])
def test_probabilities_of_classes_are_the_means_of_those_of_the_members(members, tmp_path, name):
    own = [of_one_head(member, tmp_path / str(place), name) for place, member in enumerate(members)]
    document = CASES[name].document
    each = [neural.step(member)(document) for member in own]
    both = neural.step(own)(document)
    if name == NUMBER:
        numbers = [float(found.labels[0]) for found in each]
        assert float(both.labels[0]) == pytest.approx(sum(numbers) / len(numbers), abs=0.0011)
        return
    assert both.label_scores
    for label, share in both.label_scores:
        shares = [dict(found.label_scores)[label] for found in each]
        assert share == pytest.approx(sum(shares) / len(shares), abs=0.0011)


def test_entities_are_decoded_from_the_mean_probability_of_each_tag(members, tmp_path):
    own = [of_one_head(member, tmp_path / str(place), "ner") for place, member in enumerate(members)]
    document = CASES["ner"].document
    asked = [neural.step(member).logits([document], "ner")[0][0] for member in own]
    tags = [softmax(logits.reshape(-1, 3).astype(np.float64), axis=-1) for _, logits in asked]
    logits = np.log(np.mean(tags, axis=0)).astype(np.float32).reshape(asked[0][1].shape)
    task, pieces = CASES["ner"].made, Tokenizer(own[0] / "tokenizer.json").pieces(document.text)
    expected = task.said(task.annotate(document, pieces, [(asked[0][0], logits)]))
    found = task.said(neural.step(own)(document))
    assert expected
    assert found.keys() == expected.keys()
    for label, scores in found.items():
        assert scores == pytest.approx(expected[label], abs=0.0011)


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_order_of_models_does_not_matter(members, tmp_path, name):
    own = [of_one_head(member, tmp_path / str(place), name) for place, member in enumerate(members)]
    document = CASES[name].document
    one, other = (CASES[name].made.said(neural.step(found)(document)) for found in (own, own[::-1]))
    assert {label: set(found) for label, found in one.items()} == {label: set(found) for label, found in other.items()}


def test_a_document_alone_is_annotated_as_in_company(members, tmp_path):
    own = [of_one_head(member, tmp_path / str(place), "ner") for place, member in enumerate(members)]
    step = neural.step(own)
    documents = [document.with_entities(()) for document in eight()] * 2
    assert step.many(documents) == [step(document) for document in documents]


def test_thresholds_are_the_means_of_those_of_the_members(tiny_float32, tmp_path):
    def with_threshold(least):
        def change(own):
            (head,) = own.heads
            options = {"thresholds": dict.fromkeys(LABELS, least)}
            return replace(own, name=f"at-{least}", heads=(replace(head, options=options),))

        return change

    low, high = (changed(tiny_float32, tmp_path / str(least), with_threshold(least)) for least in (0.0, 1.0))
    assert neural.step([high, high])(one_sentence()).entities == ()
    found = neural.step([low, high])(one_sentence()).entities  # 0.5 is what each label needs
    assert [one.text for one in found] == ["Metformin", "type 2 diabetes"]
    assert {one.source for one in found} == {"at-0.0 + at-1.0"}


def other_tokenizer(folder, target):
    shutil.copytree(folder, target)
    build_tokenizer(target, lowercase=False)
    folders.seal(target, folders.settings(folder))
    return target


REFUSED = {
    r"labels of ner \(Chemical, Disease against Chemical, Gene\)": lambda own: replace(
        own, heads=(replace(own.heads[0], labels=("Chemical", "Gene")),)
    ),
    r"task of ner \(ner against roles\)": lambda own: replace(own, heads=(replace(own.heads[0], task="roles"),)),
    r"heads \(ner against mine\)": lambda own: replace(own, heads=(replace(own.heads[0], name="mine"),)),
    r"max_pieces \(30 against 24\); overlap \(8 against 4\)": lambda own: replace(own, max_pieces=24, overlap=4),
}


@pytest.mark.parametrize("words", sorted(REFUSED))
def test_models_that_differ_are_refused_by_what_differs(tiny_float32, tmp_path, words):
    other = changed(tiny_float32, tmp_path / "other", REFUSED[words])
    with pytest.raises(ModelError, match=f"tiny and .*other cannot be asked together, they differ in {words}"):
        neural.step([tiny_float32, other])


def test_options_that_decide_what_is_asked_must_agree(members, tmp_path):
    one = of_one_head(members[0], tmp_path / "one", "concepts")
    other = changed(
        one,
        tmp_path / "other",
        lambda own: replace(own, heads=(replace(own.heads[0], options={**own.heads[0].options, "directed": True}),)),
    )
    with pytest.raises(ModelError, match=r"directed of concepts \(False against True\)"):
        neural.step([one, other])


def test_another_tokenizer_is_refused(tiny_float32, tmp_path):
    with pytest.raises(ModelError, match="differ in their tokenizers"):
        neural.step([tiny_float32, other_tokenizer(tiny_float32, tmp_path / "other")])


def test_no_model_is_refused():
    with pytest.raises(ConfigError, match="no model to ask"):
        biogloss.load([])


def test_one_in_a_list_is_that_one(tiny_inference):
    assert biogloss.load([tiny_inference])("Gout hurts.") == biogloss.load(tiny_inference)("Gout hurts.")


def test_an_interrupted_run_goes_on_with_the_same_models_only(tiny_float32, tiny_inference, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "SECONDS_BETWEEN_COMMITS", -1.0)
    source = tmp_path / "in.jsonl"
    source.write_text("".join(to_line(document) + "\n" for document in eight()), encoding="utf-8")
    both = (str(tiny_float32), str(tiny_inference))
    again = Job((source,), tmp_path / "out", resume=True)

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        files.annotate_with(Job((source,), tmp_path / "out"), Asked(both), stop)
    with pytest.raises(ConfigError, match="model"):
        files.annotate_with(again, Asked(both[:1]))
    files.annotate_with(again, Asked(both))
    found = [from_line(line) for line in (tmp_path / "out").read_text(encoding="utf-8").splitlines()]
    assert [document.text for document in found] == [document.text for document in eight()]
    assert {one.source for document in found for one in document.entities} == {"tiny-1 + tiny-1"}
