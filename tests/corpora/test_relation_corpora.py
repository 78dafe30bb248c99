"""Corpora of relations, from made-up files: mentions are where the file says, and what cannot be placed is counted."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss import corpora
from biogloss.corpora import chemprot
from biogloss.corpora._card import file
from biogloss.corpora._rows import Row, lines
from biogloss.errors import FormatError, InputError


def mentions(document):
    return {entity.id: (entity.label, entity.text, entity.start) for entity in document.entities}


def related(document):
    """The words of related mentions."""
    words = {entity.id: entity.text for entity in document.entities}
    return [(relation.label, *(words[found] for _, found in relation.arguments)) for relation in document.relations]


# --- ChemProt


def pair(text, label="INHIBITOR"):
    return json.dumps({"text": text, "label": label, "metadata": []}) + "\n"


def test_marked_pairs_become_mentions_and_the_marks_go(put, read):
    put(
        "relations/chemprot/train.jsonl",
        pair("<< Aspirin >> inhibits [[ COX-1 ]] and COX-2.")
        + pair("<< Aspirin >> inhibits COX-1 and [[ COX-2 ]].")
        + pair("<< Aspirin >> inhibits COX-1 and [[ COX-2 ]].", "DOWNREGULATOR")
        + pair("The << a >> >> b of [[ 2-[[(x)y]-z ]].", "AGONIST"),
    )
    found, left_out = read("chemprot")
    assert left_out == 0
    assert [document.text for document in found] == ["Aspirin inhibits COX-1 and COX-2."] * 3 + [
        "The a >> b of 2-[[(x)y]-z."
    ]
    assert [document.id for document in found] == ["train.1-1", "train.1-2", "train.1-3", "train.2-1"]
    assert [related(document) for document in found] == [
        [("INHIBITOR", "Aspirin", "COX-1")],
        [("INHIBITOR", "Aspirin", "COX-2")],
        [("DOWNREGULATOR", "Aspirin", "COX-2")],
        [("AGONIST", "a", "2-[[(x)y]-z")],
    ]


PLAIN = st.text("ab -(>[].", max_size=8)


@given(before=PLAIN, first=PLAIN, between=PLAIN, second=PLAIN, after=PLAIN)
def test_the_marks_are_found_wherever_they_stand(before, first, between, second, after):
    # What the files keep to: names have no marks with spaces in them, and no mark stands before the first.
    first, second = f"x{first.strip()}x", f"y{second.strip()}y"
    between = between.replace("[[", "")
    if " >>" in first or " ]]" in second:
        return
    row = Row("a", 1, {"text": f"{before}<< {first} >>{between}[[ {second} ]]{after}"})
    text, spans = chemprot._without_marks(row)
    assert text == before + first + between + second + after
    assert [text[span.start : span.end] for span in spans] == [first, second]
    assert (spans[0].start, spans[1].start) == (len(before), len(before + first + between))


@pytest.mark.parametrize("split", ["train", "dev"])
@pytest.mark.usefixtures("catalogue")
def test_marking_the_mentions_again_gives_the_published_line(split):
    published = [json.loads(line)["text"] for _, line in lines(file("relations", "chemprot", f"{split}.jsonl"))]
    for document, line in zip(corpora.documents("chemprot", split), published, strict=True):
        first, second = document.entities
        text = document.text
        assert line == (
            f"{text[: first.start]}<< {first.text} >>{text[first.end : second.start]}[[ {second.text} ]]"
            f"{text[second.end :]}"
        )


@pytest.mark.parametrize(
    ("damaged", "message"),
    [
        (pair("<< Aspirin >> inhibits COX-1."), "a sentence without its marks; expected << a mention >> and then"),
        (pair("<< Aspirin >> inhibits [[ COX-1 ]]", "HINDERS"), "label is 'HINDERS'; expected one of ACTIVATOR, "),
    ],
)
def test_a_line_without_its_marks_or_with_an_unknown_label_is_refused(put, read, damaged, message):
    put("relations/chemprot/dev.jsonl", pair("<< Aspirin >> inhibits [[ COX-1 ]].") + damaged)
    with pytest.raises(FormatError, match=rf"dev\.jsonl, line 2: {message}"):
        read("chemprot", "dev")


# --- Adverse drug effects

SENTENCE = "Rash after drugol, then a rash again after 5 mg of drugol."


DOSE = "13|He took 5 mg of drugol.|5 mg|8|12|drugol|16|22\n"


def ade(put, effects, doses=DOSE, negatives=""):
    put("relations/ade/DRUG-AE.rel", effects)
    put("relations/ade/DRUG-DOSE.rel", doses)
    put("relations/ade/ADE-NEG.txt", negatives or "12 NEG Nothing happened.\n")


def test_mentions_are_placed_by_the_offset_of_their_sentence(put, read):
    ade(
        put,
        f"11|{SENTENCE}|rash|126|130|drugol|151|157\n11|{SENTENCE}|Rash|100|104|drugol|111|117\n",
        f"11|{SENTENCE}|5 mg|143|147|drugol|151|157\n",
        "11 NEG He slept.\n12 NEG Nothing happened.\n11 NEG He slept.\n",
    )
    found, left_out = read("ade")
    assert left_out == 0
    assert [(document.id, document.citation.pmid, document.labels) for document in found] == [
        ("11-1", "11", ("adverse-effect",)),
        ("11-2", "11", ("none",)),
        ("12-1", "12", ("none",)),
    ]
    assert mentions(found[0]) == {
        "T1": ("Chemical", "drugol", 51),
        "T2": ("Disease", "rash", 26),
        "T3": ("Chemical", "drugol", 11),
        "T4": ("Disease", "Rash", 0),
        "T5": ("Dosage", "5 mg", 43),
    }
    assert related(found[0]) == [
        ("adverse-effect", "drugol", "rash"),
        ("adverse-effect", "drugol", "Rash"),
        ("dosage", "drugol", "5 mg"),
    ]


def test_an_effect_that_is_not_in_the_sentence_at_its_offset_is_counted_and_left_out(put, read):
    ade(put, f"11|{SENTENCE}|Rash|100|104|drugol|111|117\n11|{SENTENCE}|fever|107|112|drugol|111|117\n")
    (document, *_), left_out = read("ade")
    assert (related(document), left_out) == ([("adverse-effect", "drugol", "Rash")], 1)


def test_a_dosage_alone_is_no_effect(put, read):
    ade(put, f"11|{SENTENCE}|Rash|100|104|drugol|111|117\n", negatives="13 NEG He took 5 mg of drugol.\n")
    found, _ = read("ade")
    assert [(document.labels, related(document)) for document in found] == [
        (("adverse-effect",), [("adverse-effect", "drugol", "Rash")]),
        (("none",), [("dosage", "drugol", "5 mg")]),
    ]


@pytest.mark.parametrize(
    ("effects", "negatives", "message"),
    [
        ("11|Rash after drugol.|Rash|0|4|drugol\n", "", r"DRUG-AE\.rel, line 1: 6 cells; expected 8"),
        ("11|Rash after drugol.|Rash|0|4|drugol|11|x\n", "", r"DRUG-AE\.rel, line 1: drug end is 'x'"),
        ("11|Rash after drugol.|Rash|0|4|drugol|11|17\n", "11 Nothing.\n", r"ADE-NEG\.txt, line 1: 1 cells"),
        (
            "11|Rash after drugol.|Rash|0|4|drugol|11|17\n",
            "12 NEG Nothing.\n11 NEG Rash after drugol.\n",
            r"ADE-NEG\.txt, line 2: the sentence is also among those with an effect",
        ),
    ],
)
def test_damaged_lines_are_named(put, read, effects, negatives, message):
    ade(put, effects, negatives=negatives)
    with pytest.raises(FormatError, match=message):
        read("ade")


# --- protein-protein interaction

PPI_HEAD = ",docid,isValid,passage,passageid\n"


@pytest.mark.parametrize(("name", "path"), [("aimed", "AIMed-train.csv"), ("bioinfer", "BioInfer-train.csv")])
def test_blinded_proteins_are_mentions_and_valid_pairs_are_related(put, read, name, path):
    rows = (
        "0,A.d0,True, PROTEIN2 binds PROTEIN1 not PROTEIN.,A.d0.s0\n"
        '1,A.d0,False,"PROTEIN1, like PROTEIN12, is no PROTEIN2.",A.d0.s1\n'
        "2,A.d1,True,PROTEIN1 binds itself.,A.d1.s0\n"
        "3,A.d1,False,PROTEIN1 and PROTEIN2.,A.d1.s1\n"
    )
    put(f"relations/ppi/{path}", PPI_HEAD + rows)
    found, left_out = read(name)
    assert left_out == 1
    assert [document.id for document in found] == ["A.d0-1", "A.d0-2", "A.d1-1"]
    assert mentions(found[0]) == {"T1": ("Gene", "PROTEIN1", 16), "T2": ("Gene", "PROTEIN2", 1)}
    assert [related(document) for document in found] == [[("interacts", "PROTEIN1", "PROTEIN2")], [], []]


def test_a_protein_that_is_marked_twice_is_refused(put, read):
    put("relations/ppi/AIMed-train.csv", PPI_HEAD + "0,A.d0,True,PROTEIN1 PROTEIN1 PROTEIN2,A.d0.s0\n")
    with pytest.raises(FormatError, match=r"AIMed-train\.csv, line 2: a protein is marked twice"):
        read("aimed")


# --- combinations of drugs


def combination(**changes):
    entry = {
        "doc_id": "a1",
        "sentence": "Drugol and placidol with statol work .",
        "paragraph": "Placidol is new. Drugol and placidol with statol work . It helps.",
        "spans": [
            {"span_id": 0, "text": "Drugol", "start": 0, "end": 6},
            {"span_id": 1, "text": "placidol", "start": 11, "end": 19},
            {"span_id": 2, "text": "statol", "start": 25, "end": 31},
        ],
        "rels": [{"class": "POS", "spans": [0, 1, 2], "is_context_needed": True}],
        "source": "https://pubmed.ncbi.nlm.nih.gov/11/",
    }
    return json.dumps({**entry, **changes}) + "\n"


def test_combinations_stand_in_their_paragraph_with_the_sentence_as_evidence(put, read):
    put("relations/drug-combo/train.jsonl", combination() + combination(doc_id="a2", rels=[], source=None))
    (document, other), left_out = read("drug_combo")
    assert left_out == 0
    assert related(document) == [("POS", "Drugol", "placidol", "statol")]
    assert mentions(document)["T2"] == ("Chemical", "placidol", 28)
    (sentence,) = document.marked("sentence")
    assert document.text[sentence.span.start : sentence.span.end] == "Drugol and placidol with statol work ."
    assert document.relations[0].evidence == (sentence.span,)
    assert (document.citation.pmid, other.citation, other.relations) == ("11", None, ())


@pytest.mark.parametrize("change", [{"text": "ith stat"}, {"start": 900, "end": 906}])
def test_a_drug_whose_words_are_elsewhere_goes_with_its_relations(put, read, change):
    spans = json.loads(combination())["spans"]
    spans[2] |= change
    rels = [{"class": "NEG", "spans": [0, 1]}, {"class": "COMB", "spans": [1, 2]}]
    put("relations/drug-combo/train.jsonl", combination(spans=spans, rels=rels))
    (document,), left_out = read("drug_combo")
    assert (related(document), left_out) == ([("NEG", "Drugol", "placidol")], 2)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"paragraph": "Something else."}, "the sentence is not in its paragraph"),
        ({"spans": [{"span_id": 0, "text": "x", "start": 5, "end": 2}]}, "empty, reversed or negative span"),
        ({"spans": ["x"]}, "'x'; expected an object"),
        ({"rels": [{"class": "MAYBE", "spans": [0, 1]}]}, "class is 'MAYBE'; expected one of COMB, NEG, POS"),
    ],
)
def test_a_damaged_combination_is_named(put, read, changes, message):
    put("relations/drug-combo/train.jsonl", combination() + combination(doc_id="a2", **changes))
    with pytest.raises(FormatError, match=rf"train\.jsonl, line 2: {message}"):
        read("drug_combo")


# --- phenotypes and genes

PGR_HEAD = (
    "FILE_ID\tSENTENCE\tGENE\tPHENOTYPE\tGENE_ID\tPHENOTYPE_ID\tGENE_START_POSITION\tGENE_END_POSITION\t"
    "PHENOTYPE_START_POSITION\tPHENOTYPE_END_POSITION\tRELATION\n"
)
GENES = "ABC1 and ABC2 in deafness."


def test_the_pairs_of_a_sentence_share_its_mentions(put, read):
    put(
        "relations/pgr/train.tsv",
        PGR_HEAD
        + f"11\t{GENES}\tABC1\tdeafness\t7\tHP_0000365\t0\t4\t17\t25\tFalse\n"
        + f"11\t{GENES}\tABC2\tdeafness\t8\tHP_0000365\t9\t13\t17\t25\tTrue\n"
        + f"11\t{GENES}\tABC9\tdeafness\t9\tHP_0000365\t14\t16\t17\t25\tTrue\n"
        + f"12\t{GENES}\tABC1\tdeafness\t7\tHP_0000365\t0\t4\t17\t25\tTrue\n",
    )
    found, left_out = read("pgr")
    assert left_out == 1
    assert [(document.id, document.citation.pmid) for document in found] == [("11-1", "11"), ("12-1", "12")]
    assert [related(document) for document in found] == [
        [("associated", "ABC2", "deafness")],
        [("associated", "ABC1", "deafness")],
    ]
    assert {entity.text: entity.concept for entity in found[0].entities} == {
        "ABC1": "NCBIGene:7",
        "ABC2": "NCBIGene:8",
        "deafness": "HP:0000365",
    }


@given(order=st.permutations([(gene, other) for gene in (0, 9) for other in (17, 27)]))
def test_pairs_may_come_in_any_order(tmp_path_factory, order):
    text = "ABC1 and ABC2 in deafness, seizures."
    rows = "".join(
        f"11\t{text}\t{text[gene : gene + 4]}\t{text[other : other + 8]}\t7\tHP_0000001\t"
        f"{gene}\t{gene + 4}\t{other}\t{other + 8}\tTrue\n"
        for gene, other in order
    )
    folder = tmp_path_factory.mktemp("pgr")
    (folder / "relations" / "pgr").mkdir(parents=True)
    (folder / "relations" / "pgr" / "train.tsv").write_text(PGR_HEAD + rows, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("BIOGLOSS_DATA", str(folder))
        (document,) = corpora.documents("pgr", "train")
    assert sorted(related(document)) == [
        ("associated", gene, other) for gene in ("ABC1", "ABC2") for other in ("deafness", "seizures")
    ]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (f"11\t{GENES}\tABC1\n", r"line 2: 3 cells; expected 11"),
        (f"11\t{GENES}\tABC1\tdeafness\t7\tHP_0000365\t4\t4\t17\t25\tTrue\n", r"line 2: empty, reversed"),
        (f"11\t{GENES}\tABC1\tdeafness\t7\tHP_0000365\t0\t4\t17\t25\tMaybe\n", r"line 2: RELATION is 'Maybe'"),
    ],
)
def test_a_damaged_pair_is_named(put, read, rows, message):
    put("relations/pgr/train.tsv", PGR_HEAD + rows)
    with pytest.raises(FormatError, match=rf"train\.tsv, {message}"):
        read("pgr")


# --- interactions of drugs


def ddi(text, entities, pairs=()):
    """A sentence; entities are (charOffset, words), pairs are (numbers of two entities, attributes)."""
    inner = "".join(
        f'<entity id="D.d1.s0.e{number}" charOffset="{offset}" type="drug" text="{words}"/>'
        for number, (offset, words) in enumerate(entities)
    )
    inner += "".join(
        f'<pair id="D.d1.s0.p{number}" e1="D.d1.s0.e{one}" e2="D.d1.s0.e{other}" {attributes}/>'
        for number, (one, other, attributes) in enumerate(pairs)
    )
    return f'<sentence id="D.d1.s0" text="{text}">{inner}</sentence>'


def archive(put, *sentences, **more):
    content = f'<?xml version="1.0"?><document id="D.d1">{"".join(sentences)}</document>'
    put("relations/ddi-RESTRICTED/train.zip", {"Train/1.xml": content, "Train/README": "not read", **more})


def test_interactions_are_read_from_the_archive(put, read):
    archive(
        put,
        ddi("", []),
        ddi(
            "Alpha and beta drugol slow placidol.",
            [("10-20", "beta drugol"), ("0-4;15-20", "Alpha drugol"), ("27-34", "placidol"), ("28-34", "drugol")],
            [
                (0, 2, 'ddi="true" type="mechanism"'),
                (1, 2, 'ddi="true" type="int"'),
                (0, 1, 'ddi="false"'),
                (0, 1, 'ddi="true"'),
                (2, 3, 'ddi="true" type="effect"'),
            ],
        ),
        ddi("Nothing.", []),
    )
    (first, second), left_out = read("ddi")
    assert left_out == 3
    assert (first.id, second.id) == ("D.d1-1", "D.d1-2")
    assert related(first) == [("mechanism", "beta drugol", "placidol"), ("int", "Alpha drugol", "placidol")]


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        (ddi("Drugol.", [("0:5", "Drugol")]), "charOffset '0:5'; expected offsets such as 0-7;12-14"),
        (ddi("Drugol.", [("5-2", "Drugol")]), "empty, reversed or negative span"),
    ],
)
def test_a_damaged_sentence_is_named(put, read, sentence, message):
    archive(put, sentence)
    with pytest.raises(FormatError, match=rf"train\.zip: Train/1\.xml, sentence D\.d1\.s0: .*{message}"):
        read("ddi")


def test_a_broken_file_of_the_archive_is_named(put, read):
    archive(put, **{"Train/2.xml": '<document id="D.d2"><sentence></document>'})
    with pytest.raises(InputError, match=r"train\.zip: Train/2\.xml, record 1.*malformed"):
        read("ddi")


@pytest.mark.usefixtures("catalogue")
def test_what_the_published_files_make_readers_leave_out(read):
    left_out = {"cdr": 3, "ade": 0, "aimed": 111, "bioinfer": 0, "drug_combo": 4, "pgr": 3, "ddi": 2}
    assert {name: read(name)[1] for name in left_out} == left_out


def test_relations_survive_the_mapping_of_types_to_heads_with_their_mentions(put, read):
    ade(put, f"11|{SENTENCE}|Rash|100|104|drugol|111|117\n", f"11|{SENTENCE}|5 mg|143|147|drugol|151|157\n")
    (native, _), _ = read("ade")
    document, _ = corpora.labelled("ade", "train")
    assert related(document) == related(native)
    assert [entity.start for entity in document.entities] == sorted(entity.start for entity in native.entities)
