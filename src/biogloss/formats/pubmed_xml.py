"""PubMed XML, as the yearly baseline, the daily updates and ``efetch`` give it; read only, ``.xml`` or ``.xml.gz``.

    <PubmedArticle><MedlineCitation><PMID Version="1">10704411</PMID><Article>
      <ArticleTitle>Dopamine modulates acute responses to cocaine.</ArticleTitle>
      <Abstract><AbstractText Label="RESULTS">We present evidence ...</AbstractText></Abstract> ...

The text (composition ``pubmed-1``) is the title, a line break and the abstract, offset-compatible with PubTator; the
sections of a structured abstract follow one another after one space, each with its label as NCBI's BioC renders it
("RESULTS: We present evidence ..."). Then, each on a line of its own, the title in the article's language and the other
abstracts (translations, plain-language summaries). White space at the edges of a field goes, and a run of it that holds
a line break or tab becomes one space. Marks: ``title``, ``abstract`` (label: the type of another abstract), ``section``
(label and text), with a language where it is not the document's. Elements: https://dtd.nlm.nih.gov/ncbi/pubmed/.

What the document has no place for (grants, affiliations with their e-mail addresses, ...) is counted in ``report``, and
the PMIDs of ``DeleteCitation`` are listed there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from biogloss.documents import Citation, Document, Mark, MeshHeading, Span
from biogloss.errors import Failure, FormatError
from biogloss.formats._citation import bcp47, iso_date, medline_date
from biogloss.formats._source import Report
from biogloss.formats._xml import Record, local_name, records, root_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from lxml.etree import _Element as Element

HOLDS = frozenset({"id", "text", "language", "title", "marks", "citation", "composition"})
DROPS: frozenset[str] = frozenset()
SUFFIXES = (".xml", ".xml.gz")
RECORDS = False
COMPOSITION = "pubmed-1"

_ARTICLE, _BOOK = "PubmedArticle", "PubmedBookArticle"
_DELETED = ("DeleteCitation", "DeleteDocument")
_BREAK = re.compile(r"[\t\r\n]")
_WHITE = re.compile(r"[ \t\r\n]+")
_READ = frozenset(
    re.findall(
        r"\w+",
        "PMID DateCompleted DateRevised Article MedlineJournalInfo ChemicalList SupplMeshList MeshHeadingList "
        "KeywordList CommentsCorrectionsList OtherAbstract Journal ArticleTitle VernacularTitle Pagination "
        "ELocationID Abstract AuthorList Language PublicationTypeList ArticleDate ArticleIdList ReferenceList "
        "AbstractText ",
    )
)


def sniff(head: bytes) -> bool:
    """Whether the root is ``PubmedArticleSet`` or one record of it."""
    return root_name(head) in {"PubmedArticleSet", "PubmedBookArticleSet", _ARTICLE, _BOOK}


def read(path: Path | str, *, encoding: str = "utf-8", report: Report | None = None) -> Iterator[Document | Failure]:
    """The citations of a file, in its order; a citation that comes twice is yielded twice.

    A damaged record, a record without PMID and a book (``PubmedBookArticle``) are each a ``Failure`` that names the
    record and its line, and the rest goes on.

    Raises:
        InputError, EncodingError: the file cannot be read.
        FormatError: no PubMed record in it; a gzip stream cut short (after the records before the cut).
        UnsafeInputError: the file declares entities.
    """
    report = Report() if report is None else report
    for record in records(path, (_ARTICLE, _BOOK, *_DELETED), step="pubmed_xml", encoding=encoding):
        if isinstance(record, Failure):
            yield record
        elif local_name(record.element) in _DELETED:
            for pmid in record.element.iterfind("PMID"):
                report.note(f"pubmed_xml: the file deletes PMID {_words(pmid)}")
        else:
            yield _document(record, str(path), report)


def _document(record: Record, file: str, report: Report) -> Document | Failure:
    medline = record.element.find("MedlineCitation")
    pmid = _value(medline, "PMID")
    if medline is None or not re.fullmatch(r"[0-9]{1,12}", pmid):
        what = "a book, which is not read" if local_name(record.element) == _BOOK else "a record without PMID"
        error = FormatError(what, file=file, place=record.place, expected="<MedlineCitation> with <PMID>")
        return Failure(f"record {record.number:,}", "pubmed_xml", error)
    citation = _citation(pmid, medline, record.element.find("PubmedData"), report)
    language, text, marks = _text(medline, citation.languages, report)
    _note_the_rest(record.element, report)
    return Document(pmid, text, language, marks=marks, citation=citation, composition=COMPOSITION)


def _text(medline: Element, languages: tuple[str, ...], report: Report) -> tuple[str, str, tuple[Mark, ...]]:
    """Language and text of the document, and the marks of its parts."""
    page = _Page()
    page.add(_words(medline.find("Article/ArticleTitle"), report), "title")
    _add_abstract(page, medline.find("Article/Abstract"), report)
    article_language = languages[0] if languages else ""
    # PubMed's own title and abstract are English whatever the article is; with neither, only its own words are left.
    language = "en" if page.marks else article_language or "en"
    if vernacular := _words(medline.find("Article/VernacularTitle"), report):
        page.add(vernacular, "title", language=_other(article_language, language))
    for other in medline.iterfind("OtherAbstract"):
        in_language = _other(bcp47(other.get("Language", "")), language)
        _add_abstract(page, other, report, label=other.get("Type", ""), language=in_language)
    return language, page.text(), tuple(page.marks)


def _other(language: str, document_language: str) -> str:
    return "" if language == document_language else language


class _Page:
    """Collects lines of text and the marks on them."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._end = 0
        self.marks: list[Mark] = []

    def add(self, words: str, kind: str, label: str = "", language: str = "") -> int:
        """A line, and where it starts; nothing is marked on an empty one."""
        start = self._end
        self._lines.append(words)
        self._end += len(words) + 1
        if words:
            self.marks.append(Mark(Span(start, start + len(words)), kind, label, language))
        return start

    def text(self) -> str:
        return "\n".join(self._lines).rstrip("\n")


def _add_abstract(page: _Page, abstract: Element | None, report: Report, label: str = "", language: str = "") -> None:
    """The sections joined by one space, as one line with its marks; sections only where they are labelled."""
    sections = list(_sections(abstract, report))
    at = page.add(" ".join(words for _, words in sections), "abstract", label, language)
    if any(name for name, _ in sections):
        for name, words in sections:
            page.marks.append(Mark(Span(at, at + len(words)), "section", name, language))
            at += len(words) + 1


def _sections(abstract: Element | None, report: Report) -> Iterator[tuple[str, str]]:
    """Label, and label with text, of each section that has a text."""
    for section in abstract.iterfind("AbstractText") if abstract is not None else ():
        label, words = _tidy(section.get("Label", "")), _words(section, report)
        if words:
            yield label, f"{label}: {words}" if label else words
        elif label:
            report.note("pubmed_xml: label of a section without text left out")


def _citation(pmid: str, medline: Element, pubmed: Element | None, report: Report) -> Citation:
    types = _each(medline, "Article/PublicationTypeList/PublicationType")
    corrections = tuple(_corrections(medline))
    ids = _ids(pubmed, "ArticleIdList/ArticleId")
    return Citation(
        pmid=pmid,
        pmcid=ids.get("pmc", ""),
        doi=_doi(medline) or ids.get("doi", ""),
        journal=_value(medline, "Article/Journal/Title") or _value(medline, "MedlineJournalInfo/MedlineTA"),
        issn=_value(medline, "Article/Journal/ISSN") or _value(medline, "MedlineJournalInfo/ISSNLinking"),
        volume=_value(medline, "Article/Journal/JournalIssue/Volume"),
        issue=_value(medline, "Article/Journal/JournalIssue/Issue"),
        pages=_value(medline, "Article/Pagination/MedlinePgn"),
        dates=tuple(_dates(medline)),
        authors=tuple(_authors(medline, report)),
        types=types,
        mesh=tuple(_headings(medline)),
        keywords=_each(medline, "KeywordList/Keyword"),
        chemicals=tuple(_chemicals(medline)),
        references=tuple(_references(pubmed, report)),
        corrections=corrections,
        retracted="Retracted Publication" in types or any(kind == "RetractionIn" for kind, _ in corrections),
        languages=tuple(map(bcp47, _each(medline, "Article/Language"))),
    )


def _doi(medline: Element) -> str:
    for location in medline.iterfind("Article/ELocationID"):
        if location.get("EIdType") == "doi" and location.get("ValidYN", "Y") == "Y":
            return _words(location)
    return ""


def _ids(parent: Element | None, path: str) -> dict[str, str]:
    elements = parent.iterfind(path) if parent is not None else ()
    return {element.get("IdType", ""): _words(element) for element in elements}


def _dates(medline: Element) -> Iterator[tuple[str, str]]:
    """``published`` is the issue's, ``electronic`` the article's; ``completed`` and ``revised`` are the record's."""
    places = {
        "published": "Article/Journal/JournalIssue/PubDate",
        "electronic": "Article/ArticleDate",
        "completed": "DateCompleted",
        "revised": "DateRevised",
    }
    for kind, path in places.items():
        year, month, day, words = (
            _value(medline, f"{path}/{part}") for part in ("Year", "Month", "Day", "MedlineDate")
        )
        if date := iso_date(year, month, day) or medline_date(words):
            yield kind, date


def _authors(medline: Element, report: Report) -> Iterator[str]:
    """``Bainton, R J``, or the name of a group."""
    for author in medline.iterfind("Article/AuthorList/Author"):
        if author.get("ValidYN", "Y") != "Y":
            report.note("pubmed_xml: author name marked as wrong (ValidYN=N) left out")
            continue
        last, first, suffix = (_value(author, name) for name in ("LastName", "ForeName", "Suffix"))
        name = ", ".join(part for part in (last, first or _value(author, "Initials"), suffix) if part)
        if name := name or _value(author, "CollectiveName"):
            yield name
        for left_out in ("AffiliationInfo", "Identifier"):
            for _ in author.iterfind(left_out):
                report.note(f"pubmed_xml: <{left_out}> of an author left out")


def _headings(medline: Element) -> Iterator[MeshHeading]:
    """A heading is major when it or one of its qualifiers is; supplementary concepts follow as headings."""
    for heading in medline.iterfind("MeshHeadingList/MeshHeading"):
        descriptor = heading.find("DescriptorName")
        if descriptor is not None:
            yield MeshHeading(
                f"MESH:{descriptor.get('UI', '')}",
                _words(descriptor),
                any(part.get("MajorTopicYN") == "Y" for part in heading),
                tuple((f"MESH:{part.get('UI', '')}", _words(part)) for part in heading.iterfind("QualifierName")),
            )
    for concept in medline.iterfind("SupplMeshList/SupplMeshName"):
        yield MeshHeading(f"MESH:{concept.get('UI', '')}", _words(concept))


def _chemicals(medline: Element) -> Iterator[tuple[str, str]]:
    """MeSH identifier and name; the registry number where MeSH has none."""
    for chemical in medline.iterfind("ChemicalList/Chemical"):
        substance = chemical.find("NameOfSubstance")
        ui = substance.get("UI") if substance is not None else None
        yield (f"MESH:{ui}" if ui else _value(chemical, "RegistryNumber")), _words(substance)


def _corrections(medline: Element) -> Iterator[tuple[str, str]]:
    """Kind (``RetractionIn``, ``ErratumFor``, ``CommentOn`` ...) and the other publication: its PMID, or its source."""
    for correction in medline.iterfind("CommentsCorrectionsList/CommentsCorrections"):
        pmid = _value(correction, "PMID")
        yield correction.get("RefType", ""), f"PMID:{pmid}" if pmid else _value(correction, "RefSource")


def _references(pubmed: Element | None, report: Report) -> Iterator[str]:
    """One identifier a reference, PMID first, as a CURIE; the printed reference is left to whoever resolves it."""
    for reference in pubmed.iter("Reference") if pubmed is not None else ():
        ids = _ids(reference, "ArticleIdList/ArticleId")
        for kind, prefix in (("pubmed", "PMID"), ("doi", "DOI"), ("pmc", "PMC"), ("pmcid", "PMC")):
            if identifier := ids.get(kind):
                yield f"{prefix}:{identifier}"
                break
        else:
            report.note("pubmed_xml: reference without PMID, DOI or PMCID left out")


def _note_the_rest(record: Element, report: Report) -> None:
    """Count the elements no function here looks at."""
    for path in ("MedlineCitation", "MedlineCitation/Article", "MedlineCitation/Article/Abstract", "PubmedData"):
        for child in record.iterfind(f"{path}/*"):
            if child.tag not in _READ:
                report.note(f"pubmed_xml: <{child.tag}> left out")


def _value(parent: Element | None, path: str) -> str:
    return _words(parent.find(path)) if parent is not None else ""


def _each(parent: Element, path: str) -> tuple[str, ...]:
    return tuple(words for element in parent.iterfind(path) if (words := _words(element)))


def _words(element: Element | None, report: Report | None = None) -> str:
    """All text in the element, in order; with a report, the markup inside it is counted there."""
    if element is None:
        return ""
    if len(element) == 0:
        return _tidy(element.text or "")
    if report is not None:
        for child in element:
            report.note(f"pubmed_xml: <{local_name(child)}> in a title or abstract kept as its plain text")
    return _tidy("".join(_strings(element)))


def _strings(element: Element) -> Iterable[str]:
    return (str(part) for part in element.itertext())


def _tidy(words: str) -> str:
    if _BREAK.search(words):
        words = _WHITE.sub(lambda run: " " if _BREAK.search(run[0]) else run[0], words)
    return words.strip(" \t\r\n")
