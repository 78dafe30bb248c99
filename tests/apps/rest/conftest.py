"""The server that most tests ask, with a small index of terms, a small graph, vectors and jobs."""

import subprocess
import sys

import lactate
import pytest
from serving import running

INDEX = "id,name,synonyms\nMESH:D006073,gout,podagra\nMESH:D001172,rheumatoid arthritis,\nMESH:D003924,diabetes,\n"
TWICE = """\
3|t|Aspirin and gout.
3|a|Aspirin causes gout.
3\t0\t7\tAspirin\tChemical\tMESH:D001241
3\t12\t16\tgout\tDisease\tMESH:D006073
3\tCID\tMESH:D001241\tMESH:D006073
3\tNegative_Correlation\tMESH:D001241\tMESH:D006073

"""
"""Two concepts that two statements join."""


@pytest.fixture(scope="session")
def material(tmp_path_factory):
    """A small index of terms and a small graph."""
    folder = tmp_path_factory.mktemp("material")
    (folder / "terms.csv").write_text(INDEX, encoding="utf-8")
    command = ("terms", "build", folder / "terms.csv", "-o", folder / "my.terms", "--type", "Disease")
    subprocess.run([sys.executable, "-m", "biogloss", *map(str, command)], check=True, capture_output=True)
    lactate.graph(folder, lactate.pubtator() + TWICE)
    return folder


@pytest.fixture(scope="session")
def server(material, tmp_path_factory):
    """One with everything, for the tests that only ask."""
    arguments = ("--index", material / "my.terms", "--graph", material / "my.graph", "--embeddings", "biogloss-en")
    with running(*arguments, "--state", tmp_path_factory.mktemp("state")) as started:
        yield started
        assert started.stop() == 0, "".join(filter(None, started.log))


@pytest.fixture
def client(server):
    with server.client() as opened:
        yield opened
