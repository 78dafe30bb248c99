"""How genetic variants are written, one regular expression a family, and their names in HGVS style.

    "Val600Glu"      protein       p.Val600Glu
    "IVS3+18C>T"     nucleotide    c.IVS3+18C>T
    "rs113488022"    dbsnp         rs113488022

HGVS nomenclature: https://hgvs-nomenclature.org. What texts write before or beside it (V600E, 1298A>C, A1298C,
185delAG, ΔF508, "arginine to tryptophan at codon 198") follows tmVar's classes (Wei et al. 2013).
"""
# ruff: noqa: RUF001 - the minus sign, dashes, arrows and Greek letters of real texts

from __future__ import annotations

import re
from typing import NamedTuple

AMINO_ACIDS = {
    "A": ("Ala", "alanine"),
    "R": ("Arg", "arginine"),
    "N": ("Asn", "asparagine"),
    "D": ("Asp", "aspartic acid", "aspartate"),
    "C": ("Cys", "cysteine"),
    "Q": ("Gln", "glutamine"),
    "E": ("Glu", "glutamic acid", "glutamate"),
    "G": ("Gly", "glycine"),
    "H": ("His", "histidine"),
    "I": ("Ile", "isoleucine"),
    "L": ("Leu", "leucine"),
    "K": ("Lys", "lysine"),
    "M": ("Met", "methionine"),
    "F": ("Phe", "phenylalanine"),
    "P": ("Pro", "proline"),
    "S": ("Ser", "serine"),
    "T": ("Thr", "threonine"),
    "W": ("Trp", "tryptophan"),
    "Y": ("Tyr", "tyrosine"),
    "V": ("Val", "valine"),
    "*": ("Ter", "stop codon", "stop", "termination codon", "X"),
}
THREE_LETTERS = {name.lower(): forms[0] for letter, forms in AMINO_ACIDS.items() for name in (letter, *forms)}
"""Every way to write an amino acid, lower case, to its three letters."""

# No plain names: these look like a residue, a number and a residue, and are cells, strains, genes or proteins.
FALSE_FRIENDS = frozenset(
    """
    T47D H295R S100A S100P S100G W303A C57L A375P A375M P388D K562R F344N R848 L929 H69V U937 C3H T24P N27A D10S M14K
    G418R G418S E14T I10A K12E G2M G1S A20L H23N C33A D17N Y1R Y2R Y5R A2M A1M C1R P2Y S6K P70S M1T T1D T2D E1A E1K
    """.split()  # noqa: SIM905 - a list of forty quoted names is not easier to read
)

_AA1 = "[ARNDCQEGHILKMFPSTWYV]"
_AA3 = "(?:Ala|Arg|Asn|Asp|Cys|Gln|Glu|Gly|His|Ile|Leu|Lys|Met|Phe|Pro|Ser|Thr|Trp|Tyr|Val)"
_NAME = (
    r"(?:alanine|arginine|asparagine|aspartic acid|aspartate|cysteine|glutamine|glutamic acid|glutamate|glycine"
    r"|histidine|isoleucine|leucine|lysine|methionine|phenylalanine|proline|serine|threonine|tryptophan|tyrosine|valine"
    r"|(?:premature )?(?:stop|termination)(?: codon)?|Ala|Arg|Asn|Asp|Cys|Gln|Glu|Gly|His|Ile|Leu|Lys|Met|Phe|Pro|Ser"
    r"|Thr|Trp|Tyr|Val)"
)
_ARROW = r"\s?(?:-{0,3}>|→|/)\s?"
_TO = (
    r"(?:\s?(?:-{1,3}>|→)\s?|\s?/\s?|(?:\s(?:was |is |were )?(?:changed|mutated|replaced|substituted))?"
    r"\s(?:to|by|for|with)\s(?:an?\s)?)"
)
_BASE = "[ACGTU]"
_AT = r"(?:[*+−–-]?\d{1,7}(?:\s?[+−-]\s?\d{1,6})?|\(?\?\)?)"
_RANGE = rf"{_AT}(?:\s?_\s?{_AT}|[-/–]{_AT})?"
_SEQUENCE = rf"(?:\s?\(?(?:{_BASE}{{1,30}}|[acgt]{{1,30}})\)?(?:\(?\d+\)?)?|\s?\d{{1,5}}(?:\s?bp)?)"
_EDIT = rf"(?:delins|del\s?/?\s?ins|indel|insdel|del|dup|ins|inv)(?:{_SEQUENCE})?(?:ins{_SEQUENCE})?"
_FRAME = rf"(?:{_AA1}|{_AA3})?\s?fs(?:[*X]?\s?\(?\d{{1,4}}\)?|(?:Ter|X|\*)\d{{0,4}}|\s?(?:Ter|X|\*)\s?\+?\d{{1,4}})?"
_NUMBER = r"(?:\d{1,5}(?:\.\d{1,2})?|single|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_UNIT = r"(?:bp|kb|base[ -]?pairs?|nucleotides?|nt|bases?)"
_EVENT = r"(?:deletions?|insertions?|duplications?|insertion[/-]deletion|deletion[/-]insertion|indels?|ins/del|del/ins)"
_EDGE = r"(?<![A-Za-z0-9])"
_END = r"(?![A-Za-z0-9])"
_LOSS = "(?:deletion|insertion|del|ins|dup)"
_CHANGE = "(?:substitution|transition|transversion|change|mutation|replacement|exchange|polymorphism|variant|genotype)"
_SWAP = rf"{_BASE}{{1,3}}(?:\s?(?:-{{1,3}}>|>|→|/)\s?|\sto\s|-to-){_BASE}{{1,3}}"
_BRACKETED = r"(?:\s?\([A-Za-z]{1,3}\))?"
_SITE = "(?:position|nucleotide)"
_WHERE = r"(?:codon|position|residue|amino[ -]acid)(?:\s(?:position|residue|number))?"

# A hint is part of every match of its pattern and found fast, as it starts with few characters: most texts have none.
_RS_HINT = r"[rR][sS]\s?#?\d"
_HGVS_HINT = r"[cgmnr]\.\s?[(\[]?[\d*+−–?A-Z(-]"
_P_HINT = r"p\.\s?[(\[]?[A-Z*]"
_AA3_AT_HINT = rf"{_AA3}[ -]?\(?\d"
_AA1_AT_HINT = rf"{_AA1}\d"
_ALLELES_HINT = rf"\d{_AA1}/"
_NUMBER_TO_HINT = r"\d\)?(?:\s?[→/>-]|\s(?:to|by|for|with|was|is|were|changed|mutated|replaced|substituted)\s)"
_PLACE_HINT = r"(?:codon|position|residue|amino|Codon|Position|Residue|Amino)"
_CHANGED_HINT = rf"\d\)?\s?{_BASE}{{1,10}}\s?(?:-|>|→|/)"
_BASE_AT_HINT = rf"{_BASE}[+−–-]?\(?\d\d"
_SWAPPED_HINT = rf"{_BASE}(?:\s?(?:-{{1,3}}>|>|→|/)|\sto\s|-to-)"
_EDITED_HINT = r"\d\s?(?:del|dup|ins|in)"
_SIGNED_HINT = rf"[−–-]\d{{2,5}}\s?{_BASE}"
_DELTA_HINT = "(?:Δ|∆|Delta|delta)"
_DEL_HINT = "del"
_BP_HINT = r"(?:del|dup|ins)\s?\d"
_EVENTS_HINT = r"(?i:deletion|insertion|duplication|indel|ins/del|del/ins)"
_REPEAT_HINT = rf"\({_BASE}{{2}}"

_ALL = (
    ("dbsnp", _RS_HINT, rf"{_EDGE}rs\s?#?(?P<id>\d{{3,10}})(?![0-9A-Za-z])", re.IGNORECASE),
    (
        "hgvs",
        _HGVS_HINT,
        (
            rf"{_EDGE}(?P<kind>[cgmnr])\.\s?[(\[]?(?P<rest>(?:{_RANGE}|IVS\d+{_RANGE})\s?\)?"
            rf"(?:{_BASE}{{1,20}}{_ARROW}{_BASE}{{1,20}}|[acgu]{{1,20}}>[acgu]{{1,20}}|{_EDIT}|=)"
            rf"|{_BASE}{_AT}{_BASE})[)\]]?{_END}"
        ),
        0,
    ),
    (
        "protein",
        _P_HINT,
        (
            rf"{_EDGE}p\.\s?[(\[]?(?P<first>{_AA3}|{_AA1}|\*|Ter|X)\s?-?(?P<at>\d{{1,5}})"
            rf"(?:_(?P<last>(?:{_AA3}|{_AA1})\d{{1,5}}))?"
            rf"(?P<change>{_FRAME}|(?:delins|del|dup|ins)(?:(?:{_AA3}|{_AA1}|\*){{0,20}}|\d*)|(?:ext)?{_AA3}|Ter\d*|{_AA1}"
            rf"|[*X]|stop|=|\?)?[)\]]?{_END}"
        ),
        0,
    ),
    (
        "protein",
        _AA3_AT_HINT,
        (
            rf"{_EDGE}(?P<first>{_AA3})(?P<gap>[ -]?)(?:\((?P<inner>\d{{1,5}})\)|(?P<at>\d{{1,5}}))"
            rf"(?P<change>(?:(?P=gap)|\s|{_TO})(?:{_AA3}|Ter|Stop|stop)|[X*]|{_FRAME}|del|dup){_END}"
        ),
        0,
    ),
    # lower case before it is a gene or a domain: KrasG12D, rtM204I
    (
        "protein",
        _AA1_AT_HINT,
        rf"(?<![A-Z0-9])(?P<first>{_AA1})(?P<at>[1-9]\d{{1,4}})(?P<change>{_AA1}|[X*](?!\d)|{_FRAME}|del|dup|ins){_END}",
        0,
    ),
    ("alleles", _ALLELES_HINT, rf"{_EDGE}\d{{2,4}}{_AA1}/{_AA1}{_END}", 0),
    (
        "range",
        _AA1_AT_HINT,
        rf"{_EDGE}(?:{_AA1}{{1,4}}\d{{1,4}}[-_]\d{{1,4}}|(?:{_AA1}\d{{1,4}}_){{1,4}}{_AA1}\d{{1,4}})\s?{_LOSS}{_END}",
        0,
    ),
    (
        "words",
        _NUMBER_TO_HINT,
        (
            rf"{_EDGE}(?P<first>{_NAME}){_BRACKETED}(?:\s(?:residue\s)?|-)?\s?\(?(?P<at>\d{{1,5}})\)?{_TO}"
            rf"(?P<change>{_NAME}){_END}"
        ),
        re.IGNORECASE,
    ),
    (
        "words",
        _PLACE_HINT,
        (
            rf"{_EDGE}(?P<first>{_NAME}){_BRACKETED}{_TO}(?P<change>{_NAME}){_BRACKETED}(?:\s{_CHANGE})?"
            rf"\s(?:at|in|of)\s(?:the\s)?{_WHERE}\s(?P<at>\d{{1,5}}){_END}"
        ),
        re.IGNORECASE,
    ),
    (
        "words",
        _PLACE_HINT,
        rf"{_EDGE}codon\s(?P<at>\d{{1,5}}),?\s\(?(?P<first>{_NAME}){_TO}(?P<change>{_NAME}){_END}",
        re.IGNORECASE,
    ),
    (
        "nucleotide",
        _CHANGED_HINT,
        (
            rf"(?:{_EDGE}|(?<=\w)(?=[+−–-]))(?:codon\s)?(?P<rest>(?:IVS\s?-?\d+[a-z]?\s?[+−–-]?\s?)?[+−–-]?(?:\(\d{{1,7}}\)|\d{{1,7}})"
            rf"(?:\s?[+−-]\s?\d{{1,6}})?\s?{_BASE}{{1,10}}{_ARROW}{_BASE}{{1,10}}){_END}"
        ),
        0,
    ),
    (
        "nucleotide",
        _BASE_AT_HINT,
        rf"{_EDGE}(?P<rest>{_BASE}[+−–-]?(?:\(\d{{2,7}}\)|\d{{2,7}})(?:{_ARROW})?{_BASE}){_END}",
        0,
    ),
    (
        "change",
        _SWAPPED_HINT,
        (
            rf"{_EDGE}(?:\({_SWAP}\)|{_SWAP})(?:\s{_CHANGE})?\sat\s(?:the\s)?(?:nucleotide|codon|position|nt|base)"
            rf"(?:\sposition)?\s(?:[cg]\.)?[−–-]?\d{{1,7}}{_END}"
        ),
        0,
    ),
    ("change", _SWAPPED_HINT, rf"{_EDGE}{_BASE}\s?(?:-{{1,3}}>|>|→)\s?{_BASE}{_END}", 0),
    (
        "change",
        _SWAPPED_HINT,
        rf"{_EDGE}(?:{_BASE}/{_BASE}|{_BASE}{{1,3}}(?:\sto\s|-to-){_BASE}{{1,3}})(?=\s(?:{_CHANGE}|allele|SNP|single)s?)",
        0,
    ),
    (
        "nucleotide",
        _EDITED_HINT,
        rf"(?:{_EDGE}|(?<=\s)[+−–-])(?P<rest>(?:IVS\s?-?\d+\s?)?[+−–-]?\d{{1,7}}(?:[_-]\d{{1,7}})?\s?{_EDIT}){_END}",
        0,
    ),
    ("nucleotide", _SIGNED_HINT, rf"(?<=[\s(])(?P<rest>[−–-]\d{{2,5}}\s?(?:[AGT]|{_BASE}{{2}})){_END}(?![/>-])", 0),
    ("nucleotide", _SIGNED_HINT, rf"(?<=\w)(?P<rest>-\d{{2,5}}{_BASE}{{2}}){_END}(?![/>-])", 0),
    ("deletion", _DELTA_HINT, rf"{_EDGE}(?:[Δ∆]|[Dd]elta)\s?-?(?P<first>{_AA1}|{_AA3})(?P<at>\d{{2,4}}){_END}", 0),
    ("deletion", _DEL_HINT, rf"{_EDGE}del\s?(?P<first>{_AA1}|{_AA3})\s?(?P<at>\d{{2,4}}){_END}", 0),
    (
        "count",
        _DELTA_HINT,
        rf"(?:[Δ∆]|Delta|\bdelta)\s?\d{{2,4}}(?:-\d{{2,4}})?{_END}(?!-?[a-z])(?!\s(?:desat|elong|iso|ste))",
        0,
    ),
    ("count", _BP_HINT, rf"{_EDGE}(?:ins/del|del|dup|ins)\s?\d{{1,5}}\s?bp{_END}", 0),
    ("count", _EVENTS_HINT, rf"{_EDGE}{_NUMBER}[ -]?{_UNIT}[ -]{_EVENT}{_END}", re.IGNORECASE),
    (
        "count",
        _EVENTS_HINT,
        rf"{_EDGE}{_EVENT}\sof\s(?:an?\s)?{_NUMBER}[ -]?{_UNIT}(?:\sat\s{_SITE}\s[−–-]?\d{{1,7}})?{_END}",
        re.IGNORECASE,
    ),
    (
        "count",
        _EVENTS_HINT,
        rf"{_EDGE}(?:{_BASE}{{3,20}}\s(?:deletion|insertion|duplication){_END}|(?:deletion|insertion)\s\({_BASE}{{2,20}}\))",
        0,
    ),
    ("count", _REPEAT_HINT, rf"(?<!\w)\({_BASE}{{2,12}}\)(?:\(?(?:\d{{1,3}}|n)\)?){_END}", 0),
)


class Pattern(NamedTuple):
    """How one family of variants is written.

    ``regex`` groups: ``rest`` (nucleotides), or ``first``, ``at`` (or ``inner``) and ``change`` (protein). Where
    ``hint`` is nowhere in a text, neither is ``regex``.
    """

    family: str
    hint: re.Pattern[str]
    regex: re.Pattern[str]


PATTERNS = tuple(Pattern(family, re.compile(hint), re.compile(regex, flags)) for family, hint, regex, flags in _ALL)
