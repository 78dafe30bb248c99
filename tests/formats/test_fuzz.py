"""Whatever bytes a reader meets: documents, failures, or an error of ours; nothing else."""

import io
from itertools import count, islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biogloss import formats, plugins
from biogloss.documents import Document, Link, Mark, Relation, Span, entity_at
from biogloss.errors import BioglossError, Failure

MODULES = {name: plugins.load(formats, name) for name in plugins.names(formats)}
READERS = [name for name, module in MODULES.items() if hasattr(module, "read")]
FIXTURES = Path(__file__).parents[1] / "fixtures"
_FILES = count()

TEXT = "Gout hurts.\nMetformin 5 µg/kg helps."
SAMPLE = Document(
    "7",
    TEXT,
    marks=(Mark(Span(0, 11), "title"), Mark(Span(12, len(TEXT)), "abstract")),
    entities=(
        entity_at(TEXT, Span(0, 4), "Disease", id="T1", links=(Link("MESH:D006073"),)),
        entity_at(TEXT, Span(12, 21), "Chemical", id="T2", links=(Link("MESH:D008687"),)),
    ),
)
RELATED = Relation("R1", "treats", (("Arg1", "MESH:D008687"), ("Arg2", "MESH:D006073")))
ANN = b"T1\tDisease 0 4\tGout\nT2\tChemical 12 21\tMetformin\nR1\ttreats Arg1:T2 Arg2:T1\nA1\tNegation T1\n"
ANN += b"N1\tReference T1 X:1\tGout\n"
ROWS = b'id,text\n7,"Gout hurts."\n8,x\n'
# What readers of structure look for; random bytes alone would never get past the first line.
TOKENS = [
    b"<",
    b">",
    b"</",
    b"&",
    b"&#0;",
    b"<![CDATA[",
    b"<!--",
    b"<!ENTITY a 'b'>",
    b"\t",
    b"\n",
    b"\r\n",
    b"|",
    b"\x00",
]
TOKENS += [
    b"\xff",
    b"\xed\xa0\x80",
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b"\\",
    b"\\ud800",
    b":",
    b";",
    b",",
    b"-1",
    b"9" * 5000,
]
TOKENS += [b"NaN", b"null", b"T1", b"R1", b"I-", b"-DOCSTART-", b"\x1f\x8b", b"\xef\xbb\xbf", b"0", b" "]


def sample(name):
    """Real bytes of the format: what its own writer makes, or a fixture."""
    module = MODULES[name]
    if name == "brat":
        return ANN
    if name in {"csv", "tsv"}:
        return ROWS.replace(b",", b"\t") if name == "tsv" else ROWS
    if name == "text":
        return TEXT.encode()
    if hasattr(module, "write"):
        stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")
        has_concepts = "concept_relations" in module.HOLDS
        document = Document(
            SAMPLE.id, TEXT, marks=SAMPLE.marks, entities=SAMPLE.entities, relations=(RELATED,) * has_concepts
        )
        module.write([document, document], stream)
        stream.flush()
        return stream.buffer.getvalue()
    files = [path for path in FIXTURES.rglob("*.*") if module.sniff(path.read_bytes()[:4096])]
    if not files:
        pytest.skip(f"no fixture of the format {name}")
    return min((path.read_bytes() for path in files), key=len)


def survives(name, content, folder):
    """Read it all; only errors of ours may come out."""
    path = folder / f"{next(_FILES)}.ann"
    path.write_bytes(content)
    if name == "brat":
        path.with_suffix(".txt").write_bytes(TEXT.encode())
    try:
        for found in islice(MODULES[name].read(path), 1000):
            assert isinstance(found, (Document, Failure))
            if isinstance(found, Failure):
                assert isinstance(found.error, BioglossError)
                assert len(str(found)) < 2000
    except BioglossError as error:
        return str(error)
    return ""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=300) | st.lists(st.sampled_from(TOKENS), max_size=40).map(b"".join))
def test_random_bytes(folder, name, content):
    survives(name, content, folder)


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=80, deadline=None)
@given(edits=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 8), st.sampled_from(TOKENS)), min_size=1, max_size=6))
def test_damaged_files(folder, name, edits):
    content = sample(name)
    for where, removed, token in edits:
        at = int(where * len(content))
        content = content[:at] + token + content[at + removed :]
    survives(name, content, folder)


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=20, deadline=None)
@given(where=st.floats(0, 1))
def test_files_cut_short(folder, name, where):
    content = sample(name)
    survives(name, content[: int(where * len(content))], folder)


@pytest.mark.parametrize("name", READERS)
def test_the_samples_themselves_are_read(folder, name):
    assert survives(name, sample(name), folder) == ""


@pytest.mark.parametrize("name", READERS)
def test_an_unknown_encoding_and_a_wrong_one_are_told(tmp_path, name):
    path = tmp_path / "x.ann"
    path.write_bytes(sample(name))
    path.with_suffix(".txt").write_bytes("µ".encode())
    with pytest.raises(BioglossError, match=r"klingon|bytes.* are not|bytes that are not"):
        list(MODULES[name].read(path, encoding="klingon"))
