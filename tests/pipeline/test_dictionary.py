"""The user's own terms: what they find, that they win, and errors that name the line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.documents import Document, Relation, Span, entity_at
from biogloss.errors import BioglossError, FormatError, InputError
from biogloss.pipeline.steps._terms import Term
from biogloss.pipeline.steps.dictionary import Dictionary, step


def found(terms, text):
    return [(entity.text, entity.label) for entity in Dictionary(terms).find(text)]


@pytest.mark.parametrize(
    ("term", "text", "expected"),
    [
        (
            "covid 19",
            "COVID-19, Covid  19 and covid\u201119; not covid 190",
            ["COVID-19", "Covid  19", "covid\u201119"],
        ),
        ("ALS", "ALS also als", ["ALS"]),
        ("metformin", "Metformin; premetformin metformins", ["Metformin"]),
        ("正中神经", "损伤了正中神经。", ["正中神经"]),
        ("CT检查", "行ct检查一次", ["ct检查"]),
        ("café au lait", "CAFE\u0301 AU LAIT spots", ["CAFE\u0301 AU LAIT"]),
        ("TNF-α", "tnf-Α rose", ["tnf-Α"]),
        ("5'-AMP", "(5'-AMP)", ["5'-AMP"]),
        ("heart failure", "heart\nfailure; heart      failure", ["heart\nfailure"]),
    ],
)
def test_terms_as_they_are_written(term, text, expected):
    assert found([Term(term, "X")], text) == [(words, "X") for words in expected]


def test_flags():
    assert found([Term("Met", "X", case_sensitive=True)], "met Met") == [("Met", "X")]
    assert found([Term("ALS", "X", case_sensitive=False)], "als") == [("als", "X")]
    assert found([Term("statin", "X", whole_word=False)], "Simvastatin") == [("statin", "X")]
    assert found([Term(r"\bNCT\d{8}\b", "Trial", is_pattern=True)], "see NCT01234567.") == [("NCT01234567", "Trial")]
    assert found([Term(r"[A-Z]\d", "X", is_pattern=True, whole_word=True)], "aB1 B2") == [("B2", "X")]


def test_leftmost_then_longest():
    terms = [
        Term("heart", "A"),
        Term("heart failure", "B"),
        Term("failure clinic", "C"),
        Term("h.*t", "D", is_pattern=True),
    ]
    assert found(terms, "heart failure clinic") == [("heart failure", "B")]


def test_rows_that_find_the_same_give_one_entity_with_all_ids():
    terms = [
        Term("gout", "Disease", "MESH:D006073"),
        Term("Gout", "Disease", "DOID:13189"),
        Term("gout", "Gene", "X:1"),
    ]
    (entity,) = Dictionary(terms).find("gout")
    assert (entity.label, [link.id for link in entity.links], entity.score) == (
        "Disease",
        ["MESH:D006073", "DOID:13189"],
        1.0,
    )


def test_terms_win_over_what_they_overlap_and_keep_its_relations():
    text = "Acute gout after aspirin"
    wide = entity_at(text, Span(0, 10), "Gene", id="T1", source="model")
    drug = entity_at(text, Span(17, 24), "Chemical", id="T2", source="model")
    relation = Relation("R1", "CID", (("Chemical", "T2"), ("Disease", "T1")))
    document = Document("1", text, entities=(wide, drug), relations=(relation,))
    annotated = step(terms=Dictionary([Term("gout", "Disease")]))(document)
    assert [(e.text, e.label, e.source) for e in annotated.entities] == [
        ("gout", "Disease", "dictionary"),
        ("aspirin", "Chemical", "model"),
    ]
    assert annotated.relations[0].arguments == (("Chemical", "T2"), ("Disease", annotated.entities[0].id))
    assert step(terms=Dictionary([Term("gout", "Disease")]))(annotated) == annotated


def write(tmp_path, content, name="terms.tsv"):
    path = tmp_path / name
    path.write_bytes(content.encode())
    return path


def test_read_tsv_and_csv(tmp_path):
    tsv = write(tmp_path, "\ufeffTerm\tLabel\tID\r\ngout\tDisease\tMESH:D006073\r\n\r\naspirin\tChemical\r\n")
    assert len(Dictionary.read(tsv)) == 2
    csv = write(
        tmp_path, 'pattern,term,label,case-sensitive\n"NCT\\d{2,8}",,Trial,\n,"acid, uric",Chemical,no\n', "terms.csv"
    )
    annotated = step(path=csv)(Document("1", "NCT12345678 and Acid, uric"))
    assert [(e.text, e.label) for e in annotated.entities] == [("NCT12345678", "Trial"), ("Acid, uric", "Chemical")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("name\tlabel\nx\ty\n", r"terms.tsv, line 1: the header is 'name, label'; expected the columns term"),
        ("term\tlabel\nx\ty\nz\t\n", r"line 3: the term or the label is empty"),
        ("term\tlabel\n!!\ty\n", r"line 2: the term '!!' has no letter or digit"),
        ("pattern\tlabel\n(a\ty\n", r"line 2: the regular expression '\(a' is wrong: missing \)"),
        ("pattern\tlabel\na*\ty\n", r"line 2: .* matches the empty text"),
        ("pattern\tlabel\n(?i)a|(?i)b\ty\n", r"line 2: .* global flags not at the start"),
        ("term\tpattern\tlabel\na\tb\ty\n", r"line 2: term and pattern are both empty or both given"),
        ("term\tlabel\na\tb\tc\n", r"line 2: 3 cells; expected 2"),
        ("term\tlabel\twhole word\na\tb\tmaybe\n", r"line 2: whole_word is 'maybe'; expected yes, no or nothing"),
        ('term\tlabel\n"a\tb\n', r"the table is damaged"),
    ],
)
def test_mistakes_name_file_and_line(tmp_path, content, message):
    with pytest.raises(FormatError, match=message):
        step(path=write(tmp_path, content))


def test_missing_file(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        Dictionary.read(tmp_path / "none.tsv")


CELLS = st.text(alphabet=st.sampled_from('ab(*[+?\\|{9},"\t\n\r\x00é正'), max_size=8)


@given(
    st.sampled_from(["term\tlabel\n", "pattern,label\n", "pattern,term,label,id\n", ""]), st.lists(CELLS, max_size=6)
)
def test_no_table_raises_anything_but_our_errors(tmp_path_factory, header, cells):
    path = tmp_path_factory.mktemp("tables") / "terms.txt"
    path.write_bytes((header + ",".join(cells)).encode())
    try:
        Dictionary.read(path)
    except BioglossError:
        return


@given(st.text(max_size=60), st.lists(st.text(min_size=1, max_size=4), max_size=5))
def test_entities_are_ordered_and_apart(text, words):
    terms = [
        Term(word, "X", whole_word=whole) for word in words if any(map(str.isalnum, word)) for whole in (True, False)
    ]
    end = 0
    for entity in Dictionary(terms).find(text):
        assert entity.start >= end
        end = entity.end


def test_a_hundred_thousand_terms():
    terms = Dictionary(Term(f"compound {number} alpha", "Chemical", f"X:{number}") for number in range(100_000))
    text = "Compound-777 alpha and compound 100001 alpha. " * 2_000
    assert [entity.concept for entity in terms.find(text)] == ["X:777"] * 2_000
