"""Genetic variants by pattern: what is found, what it is called, and what only looks like one."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.documents import Document, Span, entity_at
from biogloss.pipeline.steps.variants import step, variants

PIECES = st.sampled_from(
    [
        "V600E",
        "p.",
        "(",
        ")",
        "c.",
        "35",
        "del",
        "G",
        "rs",
        "123456",
        "Δ",
        "F508",
        "IVS",
        "+1",
        ">",
        " ",
        "Val",
        "😀",
        "基因",
        "\x00",
    ]
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=20).map("".join))


@given(TEXTS)
def test_variants_are_ordered_and_apart(text):
    found = variants(text)
    assert all(before.end <= after.start for before, after in pairwise(found))


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("V600E", "p.Val600Glu"),
        ("Val600Glu", "p.Val600Glu"),
        ("p.(Val600Glu)", "p.Val600Glu"),
        ("Val600 to Glu", "p.Val600Glu"),
        ("valine 600 to glutamic acid", "p.Val600Glu"),
        ("glutamic acid for valine at position 600", "p.Val600Glu"),
        ("R34X", "p.Arg34Ter"),
        ("p.Arg34*", "p.Arg34Ter"),
        ("G12D", "p.Gly12Asp"),
        ("Y329fs", "p.Tyr329fs"),
        ("p.Lys10_Glu12del", "p.Lys10_Glu12del"),
        ("p.Thr26=", "p.Thr26="),
        ("ΔF508", "p.Phe508del"),
        ("c.35delG", "c.35delG"),
        ("c.461_462delAG", "c.461_462delAG"),
        ("c.76_78delinsTA", "c.76_78delinsTA"),
        ("c.5266dupC", "c.5266dupC"),
        ("c.1799T>A", "c.1799T>A"),
        ("c.463-6T>G", "c.463-6T>G"),
        ("IVS3 + 18C > T", "c.IVS3+18C>T"),
        ("g.3352delG", "g.3352delG"),
        ("m.3243A>G", "m.3243A>G"),
        ("r.76a>u", "r.76a>u"),
        ("1298A>C", "c.1298A>C"),
        ("185delAG", "c.185delAG"),
        ("-930A>G", "c.-930A>G"),
        ("A1298C", None),
    ],
)
def test_written_and_named(written, name):
    (found,) = variants(f"We saw {written} in one family.")
    assert (found.text, found.concept) == (written, f"HGVS:{name}" if name else None)


def test_dbsnp_numbers_are_linked():
    (found,) = variants("The SNP (rs113488022) was")
    assert (found.text, found.concept, found.label, found.source) == (
        "rs113488022",
        "DBSNP:rs113488022",
        "Variant",
        "variants",
    )


@pytest.mark.parametrize(
    "text",
    [
        "T47D and H295R cells, C57BL/6 mice",
        "H1N1 and H5N1; stage T1N0M0; p53, P53, E2F1, A2B, S100A, B12, CD4, IL2",
        "kept at -80C or 4 C, 100 A, 5 T",
        "10:46 p.m., Fig. 3A, 5G network, page p. 12",
        "Delta9-THC and delta6-desaturase",
        "t(9;22)(q34;q11) and 46,XY",
        "The years 1998 to 2004; 3.5 versus 4.0",
    ],
)
def test_false_friends(text):
    assert [entity.text for entity in variants(text)] == []


def test_step_leaves_known_variants_alone():
    text = "V600E and G12D"
    known = entity_at(text, Span(0, 5), "Variant", id="V1", source="gold")
    gene = entity_at(text, Span(10, 14), "Gene", id="T1")
    found = step()(Document("1", text, entities=(known, gene))).entities
    assert [(e.id, e.text, e.label) for e in found] == [
        ("V1", "V600E", "Variant"),
        ("T1", "G12D", "Gene"),
        ("T2", "G12D", "Variant"),
    ]


@pytest.mark.parametrize(
    "piece", ["A1_", "c.1", "(AC)", "1", "Val", "alanine 1 to ", "rs", "del", "-", "ACGT", "p.A1fs"]
)
def test_hostile_text_takes_linear_time(piece):
    # A search that tries every way would take hours here: the suite's own limit is the check.
    variants(piece * 20_000 + "!")
