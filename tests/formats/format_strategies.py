"""Documents that use only what a format says it can hold: real shapes, hostile characters."""

from hypothesis import strategies as st

from biogloss.documents import Citation, Document, Link, Mark, Relation, Span, entity_at
from biogloss.formats._holds import ROLES

LETTERS = "abXYαβ中病é\u0301"
PLAIN_WORDS = st.from_regex(r"[a-zA-Zα-ω病痛][a-zA-Z0-9_α-ω病痛.-]{0,8}", fullmatch=True)
HOSTILE_WORDS = st.text(st.sampled_from("a1 ;|,:\t\n\r\x00\u2028\ufeff<&\"'/\\%.-😀é"), max_size=6) | PLAIN_WORDS
CONCEPTS = st.sampled_from(
    ("MESH:D008687", "MESH:C000657245", "NCBIGene:672", "NCBITaxon:9606", "OMIM:114500", "Cellosaurus:CVCL_0030")
) | st.sampled_from(("HP:0001250", "dbSNP:rs113488022", "D003003+D004567", "TCM:痛风"))
LABELS = st.sampled_from(["Chemical", "Disease", "Gene", "Species", "CellLine", "Variant"]) | PLAIN_WORDS
_SCORES = st.none() | st.integers(0, 1000).map(lambda thousandths: thousandths / 1000)
_CONTROLS = "\x00\x08\x1b\uffff"
_TEXT = f"{LETTERS}019 .,;()'\"-/<>&|\t\r\n😀🧬\u202e\u2028\xa0\ufeff\x85"


@st.composite
def documents(draw, holds, words=PLAIN_WORDS):
    """A document that uses features of ``holds`` only; ``words`` makes its ids, labels, roles and values.

    ``id`` and ``text`` are always there; what a format without them makes of them is for its test to say.
    """
    alphabet = st.sampled_from(_TEXT + (_CONTROLS if "controls" in holds else ""))
    text, marks = draw(_texts(st.text(alphabet, max_size=30), st.text(alphabet, min_size=1, max_size=30), holds))
    entities = draw(_entities(text, holds, words)) if "entities" in holds else ()
    name = draw(words)
    return Document(
        name,
        text,
        draw(st.sampled_from(["en", "zh"])) if "language" in holds else "en",
        marks=marks,
        entities=entities,
        relations=draw(_relations(text, [entity.id for entity in entities], holds, words)),
        labels=tuple(draw(st.lists(words, max_size=2))) if "labels" in holds else (),
        parts=(("part", Span(0, len(text))),) if "parts" in holds and text else (),
        citation=draw(st.none() | st.builds(Citation, pmid=st.just(name), journal=words))
        if "citation" in holds
        else None,
        composition=draw(st.sampled_from(["", "pubmed-1"])) if "composition" in holds else "",
        label_scores=draw(_label_scores(words)) if "label_scores" in holds else (),
    )


def _label_scores(words):
    scores = st.dictionaries(words, _SCORES.filter(lambda score: score is not None), max_size=3)
    return scores.map(lambda found: tuple(sorted(found.items())))


@st.composite
def _texts(draw, loose, some, holds):
    """A text with a title and an abstract, or one without marks."""
    if draw(st.booleans()):
        return draw(loose), ()
    title, abstract = draw(some), draw(some)
    text = f"{title}\n{abstract}"
    marks = (Mark(Span(0, len(title)), "title"), Mark(Span(len(title) + 1, len(text)), "abstract"))
    if "marks" in holds:
        marks += (Mark(Span(0, len(text)), "section", "METHODS"),)
    return text, marks if "title" in holds else ()


@st.composite
def _entities(draw, text, holds, words):
    found = []
    for spans in draw(_span_groups(len(text), "discontinuous" in holds, "overlapping" in holds)):
        if not "".join(text[span.start : span.end] for span in spans).strip():
            continue
        links = st.builds(Link, CONCEPTS, *((_SCORES, words) if "link_scores" in holds else ()))
        found.append(
            entity_at(
                text,
                spans,
                draw(LABELS if words is PLAIN_WORDS else words),
                id=f"T{len(found) + 1}",
                links=tuple(draw(st.lists(links, max_size=2, unique_by=lambda link: link.id)))
                if "links" in holds
                else (),
                attributes=_pairs(draw, words) if "attributes" in holds else (),
                source=draw(st.just("") | words) if "sources" in holds else "",
                score=draw(_SCORES) if "scores" in holds else None,
            )
        )
    return tuple(found)


def _pairs(draw, words):
    return tuple(sorted(draw(st.dictionaries(words.map("is_{}".format), words, max_size=2)).items()))


@st.composite
def _span_groups(draw, length, discontinuous, overlapping):
    """The spans of each entity."""
    if length < 2:
        return []
    groups = []
    for _ in range(draw(st.integers(1, 2)) if overlapping else 1):
        edges = sorted(draw(st.lists(st.integers(0, length), min_size=2, max_size=8, unique=True)))
        spans = [Span(start, end) for start, end in zip(edges[::2], edges[1::2], strict=False)]
        if discontinuous and len(spans) > 1 and draw(st.booleans()):
            groups += [tuple(spans[:2]), *((span,) for span in spans[2:])]
        else:
            groups += [(span,) for span in spans]
    return groups


@st.composite
def _relations(draw, text, ids, holds, words):
    levels = [st.sampled_from(ids)] if ids and "mention_relations" in holds else []
    levels += [CONCEPTS] if "concept_relations" in holds else []
    if not levels:
        return ()
    found = []
    for number in range(1, draw(st.integers(0, 2)) + 1):
        size = draw(st.integers(1, 3)) if "nary_relations" in holds else 2
        references = draw(st.lists(st.one_of(levels), min_size=size, max_size=size))
        roles = draw(st.lists(words, min_size=size, max_size=size)) if "roles" in holds else ROLES
        found.append(
            Relation(
                f"R{number}",
                draw(words),
                tuple(zip(roles, references, strict=True)),
                evidence=(Span(0, len(text)),) if "evidence" in holds and text else (),
                source=draw(words) if "sources" in holds else "",
                score=draw(_SCORES) if "scores" in holds else None,
            )
        )
    return tuple(found)
