"""One file a format. The folder is the registry: a new format is one new module here.

A format module defines::

    HOLDS: frozenset[str]              what it keeps, from FEATURES: written and read again it is the same
    DROPS: frozenset[str]              what users expect it to leave out (scores in PubTator): counted, not refused
    SUFFIXES: tuple[str, ...]          the usual file names, for detection and output
    RECORDS: bool                      written parts put one after another are a file of the format (resumable output)
    sniff(head: bytes) -> bool         whether a file that starts so is of this format
    read(path, *, encoding="utf-8", report=None) -> Iterator[Document | Failure]
    write(documents, stream, report=None) -> None
                                       to a text stream, or what is bytes (``parquet``) to the ``buffer`` below it;
                                       what is in neither set is refused by name with CannotHold

Readers are iterators with constant memory in the number of documents. What they leave out they count in ``report``.
A damaged record is a ``Failure`` in the stream wherever the stream can go on. Writers call :func:`_holds.check` on each
document before its first character is written, so that a refused document leaves nothing half-written; what is in
``DROPS`` it counts in ``report``. A module that only reads (``pubmed_xml``) or only writes (``html``) lacks the other
function. Ids of entities and relations are names inside one document: a format may number them anew.
"""

FEATURES = (
    "id",  # document ids
    "text",  # the raw text, character for character; a format without it says in its docstring what becomes of it
    "controls",  # control characters in the text
    "language",
    "title",  # the title and abstract marks
    "marks",  # other marks: sections, sentences, captions
    "entities",
    "discontinuous",  # entities of several spans
    "overlapping",  # entities that share characters
    "links",  # identifiers of entities
    "attributes",  # attributes of entities
    "sources",  # who made an annotation
    "scores",  # scores of entities and relations
    "link_scores",  # scores and sources of identifiers
    "relations",
    "mention_relations",  # relation arguments that are entities
    "concept_relations",  # relation arguments that are concepts
    "nary_relations",  # relations of other than two arguments
    "roles",  # names of arguments other than Arg1, Arg2
    "evidence",  # spans of relations
    "labels",  # classes of documents
    "label_scores",  # probabilities of classes
    "parts",
    "citation",
    "composition",
)
