"""The front matter and references of a JATS article as a citation.

    <article-id pub-id-type="pmc">3850954</article-id>   becomes   Citation(pmcid="PMC3850954", ...)

Elements: https://jats.nlm.nih.gov/archiving/tag-library/. Tags come without namespaces.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from biogloss.documents import Citation
from biogloss.formats._citation import bcp47, iso_date

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

    from biogloss.formats._source import Report

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_HREF = "{http://www.w3.org/1999/xlink}href"
_READ = frozenset(
    re.findall(
        r"\S+",
        "article-id title-group abstract trans-abstract contrib-group pub-date volume issue fpage lpage elocation-id "
        "history permissions kwd-group article-categories related-article journal-title-group journal-title issn",
    )
)
_DATES = {"epub": "electronic", "electronic": "electronic", "ppub": "published", "collection": "published"}


def citation(article: Element, report: Report) -> Citation:
    """What the front matter and the reference lists say; the rest of the front matter is counted in ``report``."""
    journal, meta = article.find("front/journal-meta"), article.find("front/article-meta")
    ids = _ids(meta, "article-id", "pub-id-type")
    pmcid = ids.get("pmc", "") or ids.get("pmcid", "")
    for part in (journal, meta):
        for child in part if part is not None else ():
            if child.tag not in _READ:
                report.note(f"jats: <{child.tag}> of the front matter left out")
    corrections = tuple(_corrections(meta))
    return Citation(
        pmid=ids.get("pmid", ""),
        pmcid=f"PMC{pmcid.upper().removeprefix('PMC')}" if pmcid else "",
        doi=ids.get("doi", ""),
        journal=_value(journal, "journal-title-group/journal-title") or _value(journal, "journal-title"),
        issn=_value(journal, "issn"),
        volume=_value(meta, "volume"),
        issue=_value(meta, "issue"),
        pages=_pages(meta),
        dates=tuple(_dates(meta)),
        authors=tuple(_authors(meta, report)),
        types=tuple(_types(article, meta)),
        keywords=tuple(word for kwd in _all(meta, ".//kwd") if (word := plain(kwd))),
        references=tuple(_references(article, report)),
        corrections=corrections,
        retracted=any(kind == "retraction-forward" for kind, _ in corrections),
        licence=_licence(meta),
        languages=tuple(filter(None, [language(article)])),
    )


def language(element: Element | None) -> str:
    """Its own ``xml:lang`` as BCP 47, or an empty string."""
    return bcp47(element.get(_LANGUAGE, "")) if element is not None else ""


def plain(element: Element | None) -> str:
    """All text in the element on one line."""
    return " ".join("".join(str(part) for part in element.itertext()).split()) if element is not None else ""


def _value(parent: Element | None, path: str) -> str:
    return plain(parent.find(path)) if parent is not None else ""


def _all(parent: Element | None, path: str) -> Iterator[Element]:
    return iter(parent.iterfind(path)) if parent is not None else iter(())


def _ids(parent: Element | None, path: str, kind: str) -> dict[str, str]:
    return {element.get(kind, ""): plain(element) for element in _all(parent, path)}


def _pages(meta: Element | None) -> str:
    first, last = _value(meta, "fpage"), _value(meta, "lpage")
    return (f"{first}-{last}" if last and last != first else first) or _value(meta, "elocation-id")


def _dates(meta: Element | None) -> Iterator[tuple[str, str]]:
    """``published`` (issue or collection), ``electronic``, and ``received``, ``accepted`` ... of the history."""
    found: dict[str, str] = {}
    for date in (*_all(meta, "pub-date"), *_all(meta, "history/date")):
        kind = date.get("pub-type") or date.get("publication-format") or date.get("date-type") or "published"
        if iso := iso_date(*(_value(date, part) for part in ("year", "month", "day"))):
            found.setdefault(_DATES.get(kind, kind), iso)
    yield from found.items()


def _authors(meta: Element | None, report: Report) -> Iterator[str]:
    """``Baumgaertner, Annette``, or the name of a group."""
    for contributor in _all(meta, "contrib-group/contrib"):
        if contributor.get("contrib-type", "author") != "author":
            report.note("jats: contributor who is not an author left out")
            continue
        name = ", ".join(
            filter(None, (_value(contributor, f".//{part}") for part in ("surname", "given-names", "suffix")))
        )
        if name := name or _value(contributor, "collab"):
            yield name
        for child in contributor:
            if child.tag not in {"name", "collab", "name-alternatives"}:
                report.note(f"jats: <{child.tag}> of an author left out")


def _types(article: Element, meta: Element | None) -> Iterator[str]:
    """The article type, then the headings the journal files it under."""
    if kind := article.get("article-type"):
        yield kind
    for group in _all(meta, "article-categories/subj-group"):
        if group.get("subj-group-type") == "heading":
            yield from filter(None, map(plain, group.iterfind("subject")))


def _corrections(meta: Element | None) -> Iterator[tuple[str, str]]:
    for related in _all(meta, "related-article"):
        prefix = {"doi": "DOI:", "pubmed": "PMID:", "pmid": "PMID:"}.get(related.get("ext-link-type", ""), "")
        if reference := related.get(_HREF) or plain(related):
            yield related.get("related-article-type", ""), f"{prefix}{reference}"


def _licence(meta: Element | None) -> str:
    """The address of the licence, or its words."""
    licence = meta.find("permissions/license") if meta is not None else None
    if licence is None:
        return ""
    addresses = [address for part in licence.iter() if (address := part.get(_HREF))]
    return addresses[0] if addresses else plain(licence) or licence.get("license-type", "")


def _references(article: Element, report: Report) -> Iterator[str]:
    """One identifier a reference, PMID first, as a CURIE."""
    for reference in article.iter("ref"):
        ids = _ids(reference, ".//pub-id", "pub-id-type")
        for kind, prefix in (("pmid", "PMID"), ("doi", "DOI"), ("pmcid", "PMC")):
            if identifier := ids.get(kind):
                yield f"{prefix}:{identifier}"
                break
        else:
            report.note("jats: reference without PMID, DOI or PMCID left out")
