"""The pinned wheels that sources are read from, where they are, and an index of a few terms."""

import os
from pathlib import Path

import pytest

from biogloss.knowledge import Terms, inputs
from biogloss.knowledge.readers import Reading

LAB = """\
id,name,synonyms,abbreviations,related,type,definition,parents,xrefs,taxon
LAB:1,type 2 diabetes mellitus,adult-onset diabetes|diabetes of type II,T2DM,,Disease,Much sugar.,LAB:3,MESH:D003924,
LAB:2,breast tumour,tumor of the breast,,BRCA,Disease,,LAB:3,,
LAB:3,disease,,,,Disease,,,,
LAB:4,beta-carotene,β-carotene,,,Chemical,,,MESH:D019207,
LAB:5,EGFR,epidermal growth factor receptor,,,Gene,,,NCBIGene:1956,NCBITaxon:9606
LAB:6,Egfr,,,,Gene,,,NCBIGene:13649,NCBITaxon:10090
LAB:7,心肌梗死,心梗,,,Disease,,LAB:3,MESH:D009203,
"""


@pytest.fixture(scope="session")
def wheels():
    """The folder of the pinned wheels; a test that needs it skips where it is not."""
    folder = Path(os.environ.get("BIOGLOSS_WHEELS", "../wheels"))
    if not folder.is_dir():
        pytest.skip("the pinned wheels are not here; name their folder in BIOGLOSS_WHEELS")
    return folder


@pytest.fixture
def lab(tmp_path):
    """A table of terms."""
    path = tmp_path / "lab.csv"
    path.write_text(LAB, encoding="utf-8")
    return path


@pytest.fixture
def built(tmp_path):
    """Build an index from files or sources, and give its path."""

    def _built(*found, name="my.terms", reading=None, **options):
        target = tmp_path / name
        batches = inputs.batches([str(one) for one in found], wheels=tmp_path, reading=reading or Reading())
        inputs.build(target, batches, **options)
        return target

    return _built


@pytest.fixture
def terms(built, lab):
    """An opened index of the table."""
    with Terms.open(built(lab)) as opened:
        yield opened
