"""Biogloss as a spaCy component; needs the extra ``spacy``.

    nlp = spacy.blank("en")
    nlp.add_pipe("biogloss", config={"types": ["Chemical", "Disease"]})
    doc = nlp("Metformin lowers glucose.")     doc.ents, doc.spans["biogloss"]

``doc.spans["biogloss"]`` holds every entity; ``doc.ents`` those that do not overlap, the longer first, as spaCy asks.
An entity that begins or ends inside a token is widened to whole tokens. ``span._.biogloss_attributes`` says what is
asserted of it: ``{"negation": "negated", "negation_cue": "no"}``. ``doc._.biogloss_relations`` are the relations, as
``biogloss.documents`` has them, where the model says any; the embedded one with ``config={"relations": True}``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from biogloss.documents import Document
from biogloss.pipeline import gloss

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

KEY = "biogloss"
if not Span.has_extension("biogloss_score"):
    Span.set_extension("biogloss_score", default=None)
    Span.set_extension("biogloss_attributes", default=None)
    Doc.set_extension("biogloss_relations", default=())


@Language.factory(  # type: ignore[untyped-decorator]
    "biogloss",
    assigns=["doc.ents", "doc.spans"],
    default_config={
        "model": gloss.EMBEDDED,
        "types": [],
        "threshold": None,
        "terms": None,
        "link": True,
        "relations": False,
    },
)
def create(  # noqa: PLR0913 - as ``biogloss.load``
    *,
    nlp: Language,
    name: str,
    model: str,
    types: list[str],
    threshold: float | None,
    terms: str | None,
    link: bool | str,
    relations: bool,
) -> Component:
    """The component; its options are those of ``biogloss.load``."""
    del nlp, name  # spaCy passes them to every factory
    return Component(gloss.load(model, types=types, threshold=threshold, terms=terms, link=link, relations=relations))


class Component:
    """Annotates spaCy documents with a loaded :class:`Gloss`."""

    def __init__(self, loaded: gloss.Gloss) -> None:
        self._gloss = loaded

    def __call__(self, doc: Doc) -> Doc:
        """One document, changed in place as spaCy's components do."""
        return _written(doc, self._gloss(Document("doc", doc.text)))

    def pipe(self, stream: Iterable[Doc], batch_size: int = 32) -> Iterator[Doc]:
        """Many documents; a document that fails raises, as in spaCy."""
        del batch_size  # chunks are formed by the pipeline, so that results do not depend on it
        docs: list[Doc] = []

        def texts() -> Iterator[Document]:
            for doc in stream:
                docs.append(doc)
                yield Document("doc", doc.text)

        for result in self._gloss.pipe(texts()):
            if not isinstance(result, Document):
                raise result.error
            yield _written(docs.pop(0), result)

    def to_disk(self, path: Any, exclude: Any = ()) -> None:  # noqa: ANN401 - spaCy's interface
        """Nothing of its own to save: the configuration names the model."""

    def from_disk(self, path: Any, exclude: Any = ()) -> Component:  # noqa: ANN401
        """Nothing to load."""
        del path, exclude
        return self


def _written(doc: Doc, document: Document) -> Doc:
    found = []
    for entity in document.entities:
        span = doc.char_span(entity.start, entity.end, label=entity.label, alignment_mode="expand")
        if span is not None:
            span.kb_id_ = entity.concept or ""
            span._.biogloss_score = entity.score
            span._.biogloss_attributes = dict(entity.attributes)
            found.append(span)
    doc.spans[KEY] = found
    doc.ents = filter_spans(found)
    doc._.biogloss_relations = document.relations
    return doc
