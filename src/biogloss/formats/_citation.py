"""Bibliographic values as PubMed and JATS write them, in standard form: dates as ISO 8601, languages as BCP 47.

medline_date("1977 Aug 27-Sep 3") is "1977-08-27/1977-09-03"; bcp47("ger") is "de"
"""

from __future__ import annotations

import re

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_DATE_WORDS = re.compile(r"(?:(?P<year>\d{4})\b)?\s*(?:(?P<month>[A-Za-z]{3,9})\b)?\s*(?P<day>\d{1,2})?\b")

# ISO 639-2 (B and T codes) with a two-letter ISO 639-1 code, which is what BCP 47 asks for where there is one. The list
# is the Library of Congress's, limited to the languages of PubMed's MEDLINE language table.
_TWO_LETTERS: dict[str, str] = dict(
    re.findall(
        r"(\w{3}):(\w{2})",
        "afr:af alb:sq sqi:sq amh:am ara:ar arm:hy hye:hy aze:az baq:eu eus:eu ben:bn bos:bs bul:bg cat:ca chi:zh "
        "zho:zh cze:cs ces:cs dan:da dut:nl nld:nl eng:en epo:eo est:et fin:fi fre:fr fra:fr geo:ka kat:ka ger:de "
        "deu:de gla:gd gle:ga glg:gl gre:el ell:el heb:he hin:hi hrv:hr hun:hu ice:is isl:is ind:id ita:it jpn:ja "
        "kin:rw kor:ko lat:la lav:lv lit:lt mac:mk mkd:mk mal:ml mao:mi mri:mi may:ms msa:ms mon:mn nor:no nob:nb "
        "nno:nn per:fa fas:fa pol:pl por:pt pus:ps rum:ro ron:ro rus:ru san:sa scc:sr scr:hr slo:sk slk:sk slv:sl "
        "spa:es srp:sr swa:sw swe:sv tam:ta tel:te tha:th tur:tr ukr:uk urd:ur uzb:uz vie:vi wel:cy cym:cy ",
    )
)


def bcp47(code: str) -> str:
    """``eng`` or ``en-US`` as BCP 47 has it; a code that is not known passes through."""
    return _TWO_LETTERS.get(code.strip().lower(), code.strip())


def iso_date(year: str, month: str = "", day: str = "") -> str:
    """``2021``, ``Feb`` or ``2``, ``5`` as ``2021-02-05``: as precise as the parts that are understood."""
    if not re.fullmatch(r"[0-9]{4}", year.strip()):
        return ""
    number = _month(month.strip())
    if not number:
        return year.strip()
    if not re.fullmatch(r"0?[1-9]|[12][0-9]|3[01]", day.strip()):
        return f"{year.strip()}-{number:02}"
    return f"{year.strip()}-{number:02}-{int(day):02}"


def medline_date(words: str) -> str:
    """A date in words, as MEDLINE has them: ``2021 Jan-Feb`` is the ISO 8601 interval ``2021-01/2021-02``.

    Seasons and quarters have no ISO 8601 form and leave the year. Empty where no year leads.
    """
    first, dash, last = words.strip().partition("-")
    start = _DATE_WORDS.match(first)
    if not start or not start["year"]:
        return ""
    date = iso_date(start["year"], start["month"] or "", start["day"] or "")
    end = _DATE_WORDS.match(last.strip()) if dash else None
    if not end or not end[0]:
        return date
    until = iso_date(end["year"] or start["year"], end["month"] or start["month"] or "", end["day"] or "")
    return f"{date}/{until}" if until != date else date


def _month(word: str) -> int:
    if re.fullmatch(r"0?[1-9]|1[0-2]", word):
        return int(word)
    return _MONTHS.get(word[:3].lower(), 0)
