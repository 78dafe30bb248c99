"""Cleaners: small functions from text to text, each with a name that a recipe can leave out.

    CLEANERS["licence"]("Gout hurts. \u00a9 2020 The Authors. All rights reserved.")      "Gout hurts."
    cleaned("p &lt; 0.05\u00a0in <i>S. aureus</i>", ["unicode", "markup"])                "p < 0.05 in S. aureus"

Each leaves text that it has cleaned as it is, and never makes text longer. None needs to know where a text came from.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence


def cleaned(text: str, names: Sequence[str]) -> str:
    """The text after the cleaners of these names, in the order of ``CLEANERS``."""
    for name, clean in CLEANERS.items():
        if name in names:
            text = clean(text)
    return text


def unicode(text: str) -> str:
    """Canonical composition (NFC); odd spaces to plain ones, line ends to line feeds; invisible characters go.

    Letters keep their meaning: superscripts, Greek and full-width forms are not folded (that would be NFKC). Zero-width
    joiners stay, because scripts need them.
    """
    is_plain = text.replace("\n", " ").isprintable()  # has no character that the patterns look for, but spaces
    if not is_plain:
        text = _INVISIBLE.sub("", _LINE_END.sub("\n", text))
    if not is_plain or "  " in text:
        text = _SPACES.sub(" ", text)
    return unicodedata.normalize("NFC", text)


def markup(text: str) -> str:
    """HTML tags and entities, LaTeX of formulas, empty brackets and the part names that converters leave behind."""
    return _until_stable(_without_markup, text)


def addresses(text: str) -> str:
    """E-mail addresses, which are of persons, and web addresses."""
    if "@" not in text and "://" not in text and "www." not in text:
        return text
    return _until_stable(lambda once: _ADDRESS.sub("", once), text)


def licence(text: str) -> str:
    """Sentences that state copyright or a licence."""
    return _without_sentences(text, _LICENCE)


def boilerplate(text: str) -> str:
    """Sentences that journals and health sites put into every text, and notes that an abstract was cut."""
    if "TRUNCATED" in text:
        text = _until_stable(lambda once: _TRUNCATED.sub("", once), text)
    return _without_sentences(text, _BOILERPLATE)


def references(text: str) -> str:
    """Lists of references: a line that says so, and the lines below it as long as they look like references."""
    if not _LIST_HEADING.search(text):
        return text
    return _until_stable(_without_lists, text)


CLEANERS: Mapping[str, Callable[[str], str]] = {
    "unicode": unicode,
    "markup": markup,
    "addresses": addresses,
    "licence": licence,
    "boilerplate": boilerplate,
    "references": references,
}

_LINE_END = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n ][^\S\n]*| [^\S\n]+")  # all but a single plain one, which may stay
# Controls, soft hyphen, zero-width space, marks of direction, word joiner, byte-order mark
_INVISIBLE = re.compile("[\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")

_TAG = re.compile(
    r"</?(?:a|b|blockquote|br|center|div|em|font|h[1-6]|hr|i|img|inf|italic|li|ol|p|pre|small|span|strong|sub|sup|table"
    r"|tbody|td|th|thead|tr|tt|u|ul|xref|(?:mml|jats):[a-z]+)(?:\s[^<>]{0,500})?/?>",
    re.IGNORECASE,
)
_BREAKING = ("<br", "<p", "</p", "<li", "<tr", "<div", "</div", "</h", "<hr")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_LATEX = re.compile(r"\\documentclass(?:(?!\\end\{document\}).){0,5000}\\end\{document\}", re.DOTALL)
_EMPTY_BRACKETS = re.compile(r"[(\[][\s,;\u2013-]*[)\]]")  # quick to look for, and in all that the next one finds
_EMPTY = re.compile(r" ?(?:\([\s,;\u2013-]*\)|\[[\s,;\u2013-]*\])")
_PART_NAMES = ("TITLE", "ABSTRACT", "BODY")
_PART = re.compile(rf"^[ \t]*(?:{'|'.join(_PART_NAMES)})(?:\.[^:\n]*?([^.:\n]*))?:[ \t]*$", re.MULTILINE)

_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+|(?:(?:https?|ftp)://|\bwww\.)[^\s<>()\[\]\"]+")

_Unwanted = Sequence[tuple[str, re.Pattern[str]]]


def _unwanted(patterns: Mapping[str, str]) -> _Unwanted:
    return [(words, re.compile(pattern)) for words, pattern in patterns.items()]


_SENTENCE_GAP = re.compile(r"(?<=[.!?])\s+(?=[A-Z\u00a9(\[])")
# A sentence with the words on the left, in lower case, is unwanted where the pattern on the right is found in it too.
_LICENCE = _unwanted(
    {
        "\u00a9": "\u00a9",
        "(c)": r"\(c\) ?(?:19|20)\d\d\b",
        "copyright": r"\bcopyright (?:\u00a9|\(c\)|(?:19|20)\d\d|holder|of the author)",
        "all rights reserved": "",
        "creative commons": "",
        "open access": r"\bopen access (?:article|chapter|publication)\b.*\b(?:licen[cs]e|distribut|terms)",
        "open-access": r"\bopen-access (?:article|chapter|publication)\b.*\b(?:licen[cs]e|distribut|terms)",
        "unrestricted": r"\bunrestricted (?:non-?commercial )?use, distribution\b",
        "published by": r"^published by (?:elsevier|john wiley|wiley|springer|oxford)",
    }
)
_TRUNCATED = re.compile(r"[ \t]*\(?ABSTRACT TRUNCATED(?: AT \d+ WORDS)?\)?")
_BOILERPLATE = _unwanted(
    {
        "click here": r"\bclick here (?:for|to)\b",
        "supplement": r"\bsupplement(?:ary|al) (?:material|information|data|file)s? (?:is|are|can be|for this article"
        r"|accompan)|\bonline version (?:of this article )?contains supplementary",
        "publication history": r"\bpre-?publication history for this (?:paper|article)\b",
        "jurisdictional claims": "",
        "author": r"\bauthors? (?:have )?(?:declare|report|state)[sd]?(?: that)?"
        r"(?: there (?:is|are)| they have| having)? no (?:\w+ ){0,3}(?:competing|conflicts?|interests?)\b"
        r"|\ball authors (?:have )?read and approved the final (?:manuscript|version)\b",
        "interest": r"^\(?(?:competing|conflicts?(?: of)?) interests?:? none"
        r"|\bno (?:competing|conflicts? of) interests? (?:exists?|(?:is|are|was|were) (?:declared|reported))\b",
        "by the end of this": r"\bby the end of this (?:section|chapter|module), you (?:should|will) be able to\b",
        # the words around each list of signs in the answers of the Genetic and Rare Diseases Information Center
        "medlineplus medical dictionary": "",
        "human phenotype ontology": r"\bontology (?:\(hpo\) has collected|provides the following list)",
        "comes from orphanet": "",
        "of a sign or symptom is usually": "",
        "frequency may also be listed": "",
        "first number of the fraction": "",
        "means that in a study of 25 people": "",
        "these frequencies are based on": "",
    }
)

_LIST_HEADING = re.compile(
    r"^[ \t]*(?:\d{1,2}\.?[ \t]*)?(?:references?(?: cited| list)?|bibliography|(?:literature|works) cited)"
    r"[ \t]*[:.]?[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_YEAR = re.compile(r"\b(?:19|20)\d\d[a-z]?\b")
_CITATION = re.compile(
    r"\bet al\b|\bdoi\b|\b[A-Z][\w'-]+,? [A-Z]{1,3}\b[.,;]|\b[A-Z]\. ?[A-Z]?\.?,|\d[ ,:;(]+\d+\)?[:,] ?[eS]?\d+"
)


def _until_stable(clean: Callable[[str], str], text: str) -> str:
    """What is left when another pass changes nothing: taking one thing away can make another ("&amp;lt;")."""
    while (again := clean(text)) != text:
        text = again
    return text


def _without_markup(text: str) -> str:
    if "\\documentclass" in text:
        text = _LATEX.sub(" ", text)
    if "&" in text:
        text = _ENTITY.sub(_character, text)
    if "<" in text:
        text = _TAG.sub(lambda tag: "\n" if tag.group().lower().startswith(_BREAKING) else "", text)
    if ":" in text and any(name in text for name in _PART_NAMES):
        text = _PART.sub(lambda part: f"{part[1]}:" if part[1] else "", text)
    return _EMPTY.sub("", text) if _EMPTY_BRACKETS.search(text) else text


def _character(entity: re.Match[str]) -> str:
    """The character of an entity; one that names none stays as it is, and one that no text has goes."""
    found = html.unescape(entity.group())
    return "" if found.strip("\n\t") and unicodedata.category(found[0]) in {"Cc", "Cs"} else found


def _without_sentences(text: str, unwanted: _Unwanted) -> str:
    """The text without the sentences, roughly cut, in which something unwanted is found."""
    lower = text.lower()
    if not (near := [(words, pattern) for words, pattern in unwanted if words in lower]):
        return text
    return "\n".join(_line_without(line, near) for line in text.split("\n"))


def _line_without(line: str, unwanted: _Unwanted) -> str:
    if not _is_unwanted(line, unwanted, anywhere=True):
        return line
    return " ".join(sentence for sentence in _SENTENCE_GAP.split(line) if not _is_unwanted(sentence, unwanted))


def _is_unwanted(text: str, unwanted: _Unwanted, *, anywhere: bool = False) -> bool:
    """Whether the words and the pattern are found; ``anywhere`` asks for the words alone, which is quick."""
    lower = text.lower()
    return any(words in lower and (anywhere or pattern.search(lower)) for words, pattern in unwanted)


def _without_lists(text: str) -> str:
    kept: list[str] = []
    heading: list[str] = []  # a heading and blank lines after it, until a line says whether a list follows
    inside = False
    for line in text.split("\n"):
        if _LIST_HEADING.match(line):
            kept += heading
            heading, inside = [line], False
        elif (heading or inside) and _is_reference(line):
            heading, inside = [], True
        elif heading and not line.strip():
            heading.append(line)
        elif not inside or line.strip():
            kept += [*heading, line]
            heading, inside = [], False
    return "\n".join(kept + heading)


def _is_reference(line: str) -> bool:
    return bool(_YEAR.search(line) and _CITATION.search(line))
