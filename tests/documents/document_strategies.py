"""Documents for property tests: hostile text, overlapping and discontinuous entities, every field used."""

from hypothesis import strategies as st

from biogloss.documents import Citation, Document, Link, Mark, MeshHeading, Relation, Span, entity_at

_NASTY = "😀🧬αβΔ\u0301\u0300\r\n\t\x00中文痛风\u202e\u2028\ufeff<>&\"'|"
TEXTS = st.text(st.one_of(st.sampled_from(_NASTY), st.characters(exclude_categories=["Cs"])), max_size=40)
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
KINDS = st.sampled_from(["title", "section", "sentence", "caption"]) | WORDS
SCORES = st.none() | st.integers(0, 1000).map(lambda thousandths: thousandths / 1000)
_LABEL_SCORES = st.dictionaries(WORDS, SCORES.filter(lambda score: score is not None), max_size=3).map(
    lambda scores: tuple(sorted(scores.items()))
)
_PAIRS = st.lists(st.tuples(WORDS, WORDS), max_size=2).map(tuple)


def spans(length):
    """One span inside a text of ``length`` > 0 characters."""
    return st.tuples(st.integers(0, length - 1), st.integers(1, length)).map(
        lambda ends: Span(min(ends), max(ends[1], ends[0] + 1) if ends[0] <= ends[1] else ends[0])
    )


@st.composite
def span_lists(draw, length):
    """One to three spans in order and apart."""
    offsets = draw(st.lists(st.integers(0, length), min_size=2, max_size=6, unique=True))
    ends = sorted(offsets)[: len(offsets) // 2 * 2]
    return tuple(Span(start, end) for start, end in zip(ends[::2], ends[1::2], strict=True))


@st.composite
def entities(draw, text):
    chosen = draw(st.lists(span_lists(len(text)), max_size=4)) if text else []
    return tuple(
        entity_at(
            text,
            where,
            draw(WORDS),
            id=f"T{number}",
            links=tuple(draw(st.lists(st.builds(Link, WORDS, SCORES, WORDS | st.just("")), max_size=2))),
            attributes=draw(_PAIRS),
            source=draw(WORDS | st.just("")),
            score=draw(SCORES),
        )
        for number, where in enumerate(chosen, 1)
    )


@st.composite
def relations(draw, text, ids):
    reference = st.sampled_from([*ids, "MESH:D006073"])
    arguments = st.lists(st.tuples(WORDS, reference), min_size=1, max_size=3).map(tuple)
    evidence = st.lists(spans(len(text)), max_size=2).map(tuple) if text else st.just(())
    one = st.builds(Relation, WORDS, WORDS, arguments, evidence, WORDS | st.just(""), SCORES)
    return tuple(draw(st.lists(one, max_size=2)))


_LISTS = st.lists(WORDS, max_size=2).map(tuple)
_HEADINGS = st.builds(MeshHeading, WORDS, WORDS, major=st.booleans(), qualifiers=_PAIRS)
CITATIONS = st.none() | st.builds(
    Citation,
    pmid=WORDS | st.just(""),
    journal=WORDS,
    dates=_PAIRS,
    authors=_LISTS,
    mesh=st.lists(_HEADINGS, max_size=2).map(tuple),
    chemicals=_PAIRS,
    corrections=_PAIRS,
    retracted=st.booleans(),
)


@st.composite
def documents(draw, texts=TEXTS, records=CITATIONS):
    """A document that may use every field."""
    text = draw(texts)
    marked = (
        st.lists(st.builds(Mark, spans(len(text)), KINDS, WORDS | st.just("")), max_size=2) if text else st.just([])
    )
    named = st.lists(st.tuples(WORDS, spans(len(text))), max_size=2) if text else st.just([])
    found = draw(entities(text))
    return Document(
        draw(WORDS),
        text,
        draw(st.sampled_from(["en", "zh", ""])),
        marks=tuple(draw(marked)),
        entities=found,
        relations=draw(relations(text, [entity.id for entity in found])),
        labels=tuple(draw(st.lists(WORDS, max_size=2))),
        parts=tuple(draw(named)),
        citation=draw(records),
        composition=draw(st.sampled_from(["", "pubmed-1"])),
        label_scores=draw(_LABEL_SCORES),
    )
