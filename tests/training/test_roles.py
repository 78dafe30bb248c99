"""Sections of abstracts get their role by their label, never show it, and an encoder learns to tell it."""

import pytest
from structured import SECTIONS, write_pubmed

from biogloss.errors import InputError

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")
pytest.importorskip("transformers", reason="the extra `train` is not installed")

from biogloss.training import roles  # noqa: E402

FOUR = tuple(roles.Section(text, role) for role, (_, text) in enumerate(SECTIONS))


@pytest.fixture
def pubmed(tmp_path, monkeypatch):
    """Write made-up abstracts into the data folder."""
    monkeypatch.setenv("BIOGLOSS_DATA", str(tmp_path))
    return lambda *abstracts: write_pubmed(tmp_path, *abstracts)


def chosen(train, dev):
    return roles.split(roles.documents(), train=train, dev=dev)


def test_labels_become_roles_and_leave_the_text(pubmed):
    pubmed(SECTIONS)
    (abstract,), _ = chosen(1, 0)
    assert abstract == FOUR


def test_other_labels_are_left_out_and_two_of_one_role_both_count(pubmed):
    more = (("OBJECTIVE", "To treat gout."), *SECTIONS, ("FUNDING", "None."))
    pubmed(more)
    (abstract,), _ = chosen(1, 0)
    assert [section.role for section in abstract] == [0, 0, 1, 2, 3]
    assert [section.text for section in abstract] == [text for _, text in more[:-1]]


def test_an_abstract_without_one_of_the_roles_is_not_chosen(pubmed):
    pubmed(SECTIONS[1:], SECTIONS)
    assert chosen(1, 0)[0] == [FOUR]
    with pytest.raises(InputError, match="1 abstracts with sections of all roles; expected at least 2"):
        chosen(1, 1)


def test_the_parts_share_no_abstract_and_do_not_depend_on_the_order_of_the_file(pubmed):
    abstracts = [(*SECTIONS[:3], ("CONCLUSIONS", f"Number {number}.")) for number in range(12)]
    pubmed(*abstracts)
    found = list(roles.documents())
    train, dev = roles.split(found, train=5, dev=4)
    assert (len(train), len(dev)) == (5, 4)
    assert not set(train) & set(dev)
    assert roles.split(found[::-1], train=5, dev=4) == (train, dev)


def test_only_the_first_words_are_read(pubmed):
    pubmed((*SECTIONS[:3], ("CONCLUSIONS", "gout " * 500)))
    (abstract,), _ = chosen(1, 0)
    assert len(abstract[3].text.split()) < 50


def test_without_the_files_the_error_names_the_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BIOGLOSS_DATA", str(tmp_path))
    with pytest.raises(InputError, match="BIOGLOSS_DATA"):
        chosen(1, 1)
    (tmp_path / "pubmed").mkdir()
    with pytest.raises(InputError, match=r"expected files named \*\.xml\.gz"):
        chosen(1, 1)


def test_an_encoder_learns_sections_by_heart(tiny_encoder):
    learning = roles.Learning(epochs=40, learning_rate=3e-3, dropout=0.0, budget_pieces=64)
    other = (*FOUR[:3], roles.Section("Colchicine treats it: no pain!", 3), roles.Section("Patients of a type.", 0))
    found = roles.rights(tiny_encoder, [FOUR, other], [FOUR, other], learning)
    assert found.tolist() == [[4, 4], [5, 5]]


def test_what_was_never_learned_is_told_by_chance(tiny_encoder):
    confused = [tuple(roles.Section("Gout hurts patients.", role) for role in range(4))]
    found = roles.rights(tiny_encoder, confused, confused, roles.Learning(epochs=1))
    assert found.tolist() == [[1, 4]]


def test_the_same_seed_gives_the_same_result(tiny_encoder):
    abstracts = [FOUR[number:] + FOUR[:number] for number in range(4)]
    one, again = (roles.rights(tiny_encoder, abstracts, abstracts, roles.Learning(epochs=2, seed=3)) for _ in range(2))
    assert one.tolist() == again.tolist()


def test_padding_does_not_change_what_is_told(tiny_encoder):
    from biogloss.models import encoder  # noqa: PLC0415

    model = roles.Classifier(encoder.load_encoder(str(tiny_encoder)), dropout=0.1).eval()
    ids = torch.tensor([[2, 7, 8, 3]])
    padded = torch.tensor([[2, 7, 8, 3, 0, 0]])
    with torch.inference_mode():
        alone = model(ids, torch.ones(1, 4, dtype=torch.bool))
        among = model(padded, padded > 0)
    torch.testing.assert_close(among, alone, atol=1e-5, rtol=1e-4)
