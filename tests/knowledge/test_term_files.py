"""Files of terms: what is read, and what a user is told of mistakes."""

import gzip
import json
import pickle
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.errors import EncodingError, FormatError, InputError, UnsafeInputError
from biogloss.knowledge.concept import Synonym
from biogloss.knowledge.readers import Reading, read
from biogloss.knowledge.sources import _pickled

OBO = """\
format-version: 1.2

[Term]
id: HP:0000003
name: Multicystic kidney dysplasia
def: "Many \\"cysts\\"." [https://orcid.org/0000-0002-0736-9199]
synonym: "Multicystic kidneys" EXACT []
synonym: "MCDK" EXACT abbreviation []
synonym: "Kidney cysts" BROAD []
xref: UMLS:C3714581
xref: https://example.org/page
is_a: HP:0000107 ! Renal cyst

[Term]
id: HP:0000107
name: Renal cyst

[Term]
id: HP:0000001
name: obsolete thing
is_obsolete: true

[Typedef]
id: part_of
name: part of
"""
ROW = "C0011860|ENG|P|L0011860|PF|S0029281|Y|A0049238|||{code}|MSH|{kind}|{code}|{text}|0|N||"
RRF = "\n".join(
    (
        ROW.format(code="D003924", kind="MH", text="Diabetes Mellitus, Type 2"),
        ROW.replace("|P|", "|S|").format(code="D003924", kind="AB", text="NIDDM"),
        ROW.replace("|ENG|", "|GER|").format(code="D003924", kind="MH", text="Zuckerkrankheit"),
        ROW.replace("|N||", "|O||").format(code="D003924", kind="MH", text="suppressed"),
        "",
    )
)
GRAPH = {
    "graphs": [
        {
            "nodes": [
                {
                    "id": "http://purl.obolibrary.org/obo/HP_0000003",
                    "lbl": "Multicystic kidney dysplasia",
                    "type": "CLASS",
                    "meta": {
                        "definition": {"val": 'Many "cysts".'},
                        "synonyms": [
                            {"pred": "hasExactSynonym", "val": "Multicystic kidneys"},
                            {"pred": "hasExactSynonym", "val": "MCDK"},
                            {"pred": "hasBroadSynonym", "val": "Kidney cysts"},
                        ],
                        "xrefs": [{"val": "UMLS:C3714581"}, {"val": "no identifier"}],
                    },
                },
                {"id": "http://purl.obolibrary.org/obo/HP_0000107", "lbl": "Renal cyst", "type": "CLASS"},
                {"id": "http://purl.obolibrary.org/obo/HP_0000001", "lbl": "x", "meta": {"deprecated": True}},
            ],
            "edges": [
                {
                    "sub": "http://purl.obolibrary.org/obo/HP_0000003",
                    "pred": "is_a",
                    "obj": "http://purl.obolibrary.org/obo/HP_0000107",
                }
            ],
        }
    ]
}


@pytest.fixture
def concepts(tmp_path):
    """Write a file and read it."""

    def _concepts(name, content, report=None, **said):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(read(path, Reading(**said), Counter() if report is None else report))

    return _concepts


@pytest.mark.parametrize(("name", "content"), [("hp.obo", OBO), ("hp.json", json.dumps(GRAPH))])
def test_obo_and_its_graph_say_the_same(concepts, name, content):
    dysplasia, cyst = concepts(name, content)
    assert (dysplasia.id, dysplasia.type, dysplasia.source) == ("HP:0000003", "Disease", "hp")
    assert dysplasia.definition == 'Many "cysts".'
    assert {(synonym.text, synonym.kind) for synonym in dysplasia.synonyms} == {
        ("Multicystic kidneys", "exact"),
        ("MCDK", "abbreviation"),
        ("Kidney cysts", "broad"),
    }
    assert (dysplasia.parents, dysplasia.xrefs) == (("HP:0000107",), ("UMLS:C3714581",))
    assert cyst.name == "Renal cyst"


def test_a_subset_of_umls(concepts):
    report = Counter()
    (diabetes,) = concepts("MRCONSO.RRF", RRF, report, type="Disease")
    assert (diabetes.id, diabetes.name) == ("UMLS:C0011860", "Diabetes Mellitus, Type 2")
    assert diabetes.synonyms == (Synonym("NIDDM", "abbreviation"),)
    assert diabetes.xrefs == ("MESH:D003924",)
    assert report == {"row of another language, or suppressed, left out": 2}


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "tsv"])
def test_a_table_in_any_dress(concepts, ending):
    text = "\ufeffTerm,ID,Label,Synonyms\nbrain fog,7,Disease,mental fog|fogginess\n"
    text = text.replace(",", "\t") if ending == "tsv" else text
    content = gzip.compress(text.encode()) if ending.endswith("gz") else text
    (fog,) = concepts(f"lab.{ending}", content, prefix="LAB")
    assert (fog.id, fog.name, fog.type, fog.source) == ("LAB:7", "brain fog", "Disease", "lab")
    assert fog.synonyms == (Synonym("mental fog"), Synonym("fogginess"))


def test_columns_that_are_not_read_are_counted(concepts):
    report = Counter()
    concepts("lab.csv", "id,name,type,colour\nLAB:1,x,Disease,red\n", report)
    assert report == {"the column 'colour' was not read": 1}


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", "name,type\nGout,Disease\n", "line 1: no column 'id'.*Every concept needs an identifier.*--prefix"),
        ("a.csv", "id,type\nLAB:1,Disease\n", "line 1: no column 'name'"),
        ("a.csv", "id,name,type\nLAB:1,Gout,Disease\n,Fever,Disease\n", "line 3: the id is empty.*LAB:1"),
        ("a.csv", "id,name,type\n17,Gout,Disease\n", "line 2: '17' is no identifier with a prefix.*--prefix"),
        ("a.csv", "id,name\nLAB:1,Gout\n", "line 2: LAB:1 has no type; expected a column type, or --type"),
        ("a.csv", "id,name,type\nLAB:1,Gout,Disease,x\n", "line 2: 4 cells; expected 3"),
        ("a.csv", 'id,name,type\nLAB:1,"Gout,Disease\n', "cannot be parsed.*quotes"),
        ("a.csv", f"id,name,type\nLAB:1,{'x' * 10_000_000},Disease\n", "line 2: .*10,000,000 characters, more than"),
        (
            "a.csv",
            f"id,name,synonyms,type\nLAB:1,x,{'y' * 10_000_000},Disease\n",
            "line 2: .*10,000,000 characters",
        ),
        ("a.csv", f"id,name,type\nLAB:1,{'x' * 30_000_000},Disease\n", "line 2: a line of more than 20,000,000 bytes"),
        ("a.csv", "id,name,type\nLAB:1,a,Disease\nLAB:1,b,Disease\n", "line 3: LAB:1 stands for a second.*line 2"),
        (
            "a.csv",
            "id,name,type,parents\nLAB:1,a,Disease,LAB:2\nLAB:2,b,Disease,LAB:3\nLAB:3,c,Disease,LAB:1\n",
            "LAB:1 is above itself: LAB:1 -> LAB:2 -> LAB:3 -> LAB:1",
        ),
        (
            "a.csv",
            "id,name,type,xrefs\nLAB:1,a,Disease,MESH:D006073\nLAB:2,b,Disease,MESH:D006073\n",
            r"line 3: LAB:2 and LAB:1 \(line 2\) contradict each other: both say that they are MESH:D006073",
        ),
        ("a.csv", "id,name,type,xrefs\nMESH:banana,a,Disease,\n", "no identifier of MESH"),
        ("a.obo", "format-version: 1.2\n", r"no \[Term\] in it; expected an OBO file"),
        ("a.obo", "[Term]\nname: x\n", "the term at line 1: a term without id"),
        ("a.obo", "[Term]\nid: LAB:1\nname: x\n", "LAB:1 has no type; name one.*--type"),
        ("a.obo", "[Term]\nid: HP:0000001\nname: x\nsynonym: y\n", "the synonym 'y' is not in quotes"),
        ("a.json", "[]", "no OBO graph"),
        ("a.json", '{"graphs": [{"nodes": 1}]}', "no OBO graph"),
        ("a.json", "[" * 100_000, "no OBO graph"),
        ("a.rrf", "C0011860|ENG\n", "do not say what type"),
        ("a.txt", "x", r"files that end in '.txt' are not read; expected one of .csv, .tsv"),
        ("a.csv.gz", gzip.compress(b"id,name\n" * 1000)[:40], "gzip stream is cut short"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_to_do(concepts, name, content, words):
    with pytest.raises(FormatError, match=f"(?s)a\\.{name.partition('.')[2]}.*{words}"):
        concepts(name, content)


def test_the_columns_of_umls_are_counted(concepts):
    with pytest.raises(FormatError, match="line 1: 2 columns; expected 18"):
        concepts("a.rrf", "C0011860|ENG\n", type="Disease")


def test_an_empty_file_and_none(concepts, tmp_path):
    with pytest.raises(InputError, match="the file is empty"):
        concepts("a.csv", "")
    with pytest.raises(InputError, match="no such file"):
        list(read(tmp_path / "b.csv", Reading(), Counter()))


def test_another_encoding_is_named(concepts):
    content = "id,name,type\nLAB:1,急性胃炎,Disease\n".encode("gb18030")
    with pytest.raises(EncodingError, match=r"line 2: bytes .* are not utf-8.*--encoding"):
        concepts("a.csv", content)
    assert concepts("a.csv", content, encoding="gb18030")[0].name == "急性胃炎"


def test_ontologies_may_share_a_reference_which_is_counted(concepts):
    report = Counter()
    text = OBO.replace("name: Renal cyst", "name: Renal cyst\nxref: UMLS:C3714581")
    assert len(concepts("hp.obo", text, report)) == 2
    assert report["cross-reference that several concepts claim"] == 1


@given(
    names=st.lists(
        st.text(alphabet=st.characters(exclude_categories=("C", "Z"), exclude_characters="|"), min_size=1),
        min_size=1,
        max_size=5,
        unique=True,
    )
)
def test_a_table_gives_back_the_names_that_are_written(tmp_path_factory, names):
    path = tmp_path_factory.mktemp("table") / "lab.csv"
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    synonyms = '"' + "|".join(names[1:]).replace('"', '""') + '"'
    path.write_text(f"id,name,synonyms,type\nLAB:1,{quoted[0]},{synonyms},Disease\n", encoding="utf-8")
    (concept,) = read(path, Reading(), Counter())
    assert [text for text, _ in concept.names()] == names


@pytest.mark.parametrize(
    "value", [{"a": ["b", "c"]}, {"x": {"y": 1.5}, "z": []}, ["same", "same"], {"t": True, "f": False}, {}]
)
def test_plain_data_is_read_without_unpickling(value):
    assert _pickled.plain(pickle.dumps(value, protocol=4), file="x.pkl") == value


def test_a_pickle_that_would_call_something_is_refused():
    class Call:
        def __reduce__(self):
            return print, ("called",)

    for content in (pickle.dumps(Call(), protocol=4), b"no pickle", pickle.dumps([1])[:-2]):
        with pytest.raises(UnsafeInputError, match=r"x\.pkl: not plain data"):
            _pickled.plain(content, file="x.pkl")
