"""A graph of documents, and the wheels that layers are read from."""

import os
from collections import Counter
from pathlib import Path

import pytest

from biogloss.knowledge.graph.build import Reading, record
from biogloss.knowledge.graph.query import Graph
from biogloss.knowledge.graph.store import Store


@pytest.fixture
def built(tmp_path):
    """Put documents into a new graph; gives its path."""

    def _built(documents, name="my.graph", **options):
        report = options.pop("report", Counter())
        reading = Reading(**options)
        with Store.create(tmp_path / name) as store:
            for document in documents:
                store.put([record(document, reading, report)])
        return tmp_path / name

    return _built


@pytest.fixture
def graph(built):
    """Put documents into a new graph; gives it opened."""
    opened = []

    def _graph(documents, **options):
        opened.append(Graph.open(built(documents, **options)))
        return opened[-1]

    yield _graph
    for one in opened:
        one.close()


@pytest.fixture(scope="session")
def wheels():
    """The folder of the pinned wheels; a test that needs it skips where it is not."""
    folder = Path(os.environ.get("BIOGLOSS_WHEELS", "../wheels"))
    if not folder.is_dir():
        pytest.skip("the pinned wheels are not here; name their folder in BIOGLOSS_WHEELS")
    return folder
