"""One file a format. The folder is the registry: a new format is one new module here.

A format module defines::

    HOLDS: frozenset[str]              what it has a place for, from FEATURES
    SUFFIXES: tuple[str, ...]          the usual file names, for detection and output
    RECORDS: bool                      written parts put one after another are a file of the format (resumable output)
    sniff(head: bytes) -> bool         whether a file that starts so is of this format
    read(path, *, encoding="utf-8", report=None) -> Iterator[Document | Failure]
    write(documents, stream) -> None   to a text stream; refuses with CannotHold what the format has no place for

Readers are iterators with constant memory in the number of documents. What they leave out they count in ``report``.
A damaged record is a ``Failure`` in the stream wherever the stream can go on.
"""

FEATURES = (
    "id",  # document ids
    "text",  # the raw text, character for character
    "language",
    "marks",  # sections, sentences, captions
    "entities",
    "discontinuous",  # entities of several spans
    "overlapping",  # entities that share characters
    "links",  # identifiers of entities
    "attributes",  # attributes of entities
    "sources",  # who made an annotation
    "scores",  # scores of entities, relations and links
    "relations",
    "evidence",  # spans of relations
    "labels",  # classes of documents
    "parts",
    "citation",
    "composition",
)
