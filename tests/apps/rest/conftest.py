"""The server that most tests ask, with a small index of terms, a small graph, vectors and jobs."""

import subprocess
import sys

import pytest
from serving import running

INDEX = "id,name,synonyms\nMESH:D006073,gout,podagra\nMESH:D001172,rheumatoid arthritis,\nMESH:D003924,diabetes,\n"
GRAPH = """\
1|t|Metformin and lactic acidosis.
1|a|Metformin causes lactic acidosis. Lactic acidosis was not seen with placebo.
1\t0\t9\tMetformin\tChemical\tMESH:D008687
1\t14\t29\tlactic acidosis\tDisease\tMESH:D000140
1\t31\t40\tMetformin\tChemical\tMESH:D008687
1\t48\t63\tlactic acidosis\tDisease\tMESH:D000140
1\tCID\tMESH:D008687\tMESH:D000140

2|t|Lactate in lactic acidosis.
2|a|High.
2\t0\t7\tLactate\tChemical\tMESH:D019344
2\t11\t26\tlactic acidosis\tDisease\tMESH:D000140

"""


@pytest.fixture(scope="session")
def material(tmp_path_factory):
    """A small index of terms and a small graph."""
    folder = tmp_path_factory.mktemp("material")
    (folder / "terms.csv").write_text(INDEX, encoding="utf-8")
    (folder / "in.pubtator").write_text(GRAPH, encoding="utf-8")
    commands = (
        ["terms", "build", folder / "terms.csv", "-o", folder / "my.terms", "--type", "Disease"],
        ["graph", "build", folder / "in.pubtator", "-o", folder / "my.graph", "--source", "lab", "--index", ""],
    )
    for command in commands:
        subprocess.run([sys.executable, "-m", "biogloss", *map(str, command)], check=True, capture_output=True)
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
