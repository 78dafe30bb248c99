"""A graph that can be read at a glance: metformin causes lactic acidosis, and something else stands beside it."""

import subprocess
import sys


def pubtator(other="Lactate"):
    """Two annotated documents; ``other`` is the chemical of the second."""
    end = len(other)
    return f"""\
1|t|Metformin and lactic acidosis.
1|a|Metformin causes lactic acidosis. Lactic acidosis was not seen with placebo.
1\t0\t9\tMetformin\tChemical\tMESH:D008687
1\t14\t29\tlactic acidosis\tDisease\tMESH:D000140
1\t31\t40\tMetformin\tChemical\tMESH:D008687
1\t48\t63\tlactic acidosis\tDisease\tMESH:D000140
1\tCID\tMESH:D008687\tMESH:D000140

2|t|{other} in lactic acidosis.
2|a|High.
2\t0\t{end}\t{other}\tChemical\tMESH:D019344
2\t{end + 4}\t{end + 19}\tlactic acidosis\tDisease\tMESH:D000140

"""


def graph(folder, documents):
    """The graph of documents in PubTator's format, built by the command; gives its file."""
    (folder / "in.pubtator").write_text(documents, encoding="utf-8")
    command = ("graph", "build", folder / "in.pubtator", "-o", folder / "my.graph", "--source", "lab", "--index", "")
    subprocess.run([sys.executable, "-m", "biogloss", *map(str, command)], check=True, capture_output=True)
    return folder / "my.graph"
