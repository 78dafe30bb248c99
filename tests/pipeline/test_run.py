"""Runs keep order, turn failures into values, and give a document the same annotations in any company."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.documents import Document, Span, entity_at, numbered
from biogloss.errors import Failure, FormatError
from biogloss.pipeline import run as runs
from biogloss.pipeline.run import run
from biogloss.pipeline.steps import model
from tiny import eight, embedded


def mark_all(document):
    return document.with_entities(numbered([entity_at(document.text, Span(0, len(document.text)), "All")]))


class Fragile:
    """Fails on some documents, and as a whole on any chunk that holds one."""

    name = "fragile"

    def __init__(self, bad):
        self.bad = bad

    def __call__(self, document):
        if document.id in self.bad:
            raise ValueError("cannot")
        return mark_all(document)

    def many(self, documents):
        return [self(document) for document in documents]


class Forgetful(Fragile):
    """Loses a document on the way."""

    def many(self, documents):
        return super().many(documents)[1:]


def plain(count):
    return [Document(str(number), f"text {number}") for number in range(count)]


@given(count=st.integers(0, 100), bad=st.sets(st.integers(0, 99)), workers=st.integers(1, 3))
def test_order_is_kept_and_failures_stand_in_their_places(count, bad, workers):
    step = Fragile({str(number) for number in bad})
    results = list(run(plain(count), [step, mark_all], workers=workers))
    assert len(results) == count
    for number, result in enumerate(results):
        if number in bad:
            assert (result.document_id, result.step, str(result.error)) == (str(number), "fragile", "cannot")
        else:
            assert (result.id, len(result.entities)) == (str(number), 1)


def test_a_readers_failure_passes_through_untouched():
    failure = Failure("line 7", "read", ValueError("damaged"))
    documents = [*plain(2), failure, *plain(1)]
    assert list(run(documents, [mark_all]))[2] is failure


def test_a_step_that_loses_documents_in_company_is_asked_for_each():
    assert [result.id for result in run(plain(5), [Forgetful(set())])] == list("01234")


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("count", [0, 1, 32, 70])
def test_every_document_before_a_readers_error_is_finished_first(workers, count):
    def reader():
        yield from plain(count)
        raise FormatError("the gzip stream is cut short", file="x.gz")

    found = []
    with pytest.raises(FormatError, match="cut short"):
        found.extend(result.id for result in run(reader(), [mark_all], workers=workers))
    assert found == [str(number) for number in range(count)]


def test_the_input_is_read_only_as_fast_as_results_are_taken():
    read = itertools.count()
    endless = (Document(str(number), "text") for number in read)
    results = run(endless, [mark_all], workers=2)
    for _ in range(10):
        next(results)
    results.close()
    assert next(read) <= 4 * runs.CHUNK_DOCUMENTS


def test_long_documents_make_small_chunks():
    long = [Document(str(number), "x" * runs.CHUNK_CHARACTERS) for number in range(3)]
    assert [len(chunk) for chunk in runs.chunks(iter(long))] == [1, 1, 1]


def hostile_and_long(rng, count):
    """Texts of very different lengths, some of several windows, some without a piece."""
    sentences = [document.text for document in eight()] + ["😀 \u0301α", "\x00", "", "1,25-(OH)2D3\r\n"]
    sizes = [rng.choice([0, 1, 1, 2, 3, 12]) for _ in range(count)]
    return [
        Document(str(number), " ".join(rng.choice(sentences) for _ in range(size))) for number, size in enumerate(sizes)
    ]


def found(result):
    assert isinstance(result, Document), result
    return [
        (entity.id, entity.start, entity.end, entity.label, entity.text, entity.score) for entity in result.entities
    ]


def assert_the_same_in_any_company(folder, documents):
    step = model.step(folder, workers=2)
    alone = {document.id: found(step(document)) for document in documents}
    assert any(alone.values())
    shuffled = random.Random(7).sample(documents, len(documents))
    for order, workers in ((documents, 1), (documents, 2), (shuffled, 1), (shuffled[5:], 2)):
        results = run(order, [step], workers=workers)
        assert {result.id: found(result) for result in results} == {
            document.id: alone[document.id] for document in order
        }


def test_a_document_gets_the_same_annotations_in_any_company(tiny_inference):
    assert_the_same_in_any_company(tiny_inference, hostile_and_long(random.Random(1), 80))


@pytest.mark.slow
def test_also_in_float32_on_onnx_runtime(tiny_onnx):
    assert_the_same_in_any_company(tiny_onnx, hostile_and_long(random.Random(1), 24))


def test_also_by_the_embedded_model():
    if (folder := embedded()) is None:
        pytest.skip("the embedded model is not built: src/biogloss/data/biogloss-en")
    assert_the_same_in_any_company(folder, hostile_and_long(random.Random(1), 24))
