"""Words that decide whether a full stop ends a sentence; lower case, without their last stop.

"et al. (2001)" has "al", one of ABBREVIATIONS; "Fig. 2" has "fig", one of NUMBERED
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NEVER_LAST = _words("dr drs prof mr mrs ms messrs e.g eg i.e ie cf vs viz resp st mt")
"""Always followed by what they introduce."""

NUMBERED = _words(
    "fig figs eq eqs eqn eqns ref refs no nos nr vol vols p pp chap ch sect sec tab tabs suppl supp ser art cat lot"
)
"""Followed by a number, letter or name of a part."""

WORDS_TOO = frozenset({"no", "art", "tab"})
"""Those of NUMBERED that are also words: they may end a sentence before a longer capitalised word."""

ABBREVIATIONS = (
    _words("""
        al approx ca c.f etc dept univ inc ltd co corp assoc ed eds edn trans dist div
        spp sp ssp subsp var nov gen comb cv str serov bv pv pers
        jan feb mar apr jun jul aug sep sept oct nov dec
        mon tue tues wed thu thurs fri
        i.v i.p i.m s.c p.o b.i.d t.i.d q.i.d q.d p.r.n o.d bid tid
        u.s u.k u.s.a e.u u.n c.i s.d s.e s.e.m n.s a.m p.m d.f i.u w.t m.w r.h
        int natl inst acad soc dev exp biol chem med clin res proc
        sr jr ph.d m.d b.sc m.sc hon rev gov gen col capt lt sgt
        max min avg std temp conc wt mol vol
    abstr appl ann arch bull environ microbiol pharmacol physiol natl nat neurosci neurobiol pharm commun
    perspect dis
        """)
    | NEVER_LAST
    | NUMBERED
)
"""End a sentence only before a word that clearly starts one."""

STARTERS = _words("""
    The We This These Those In It Its Our However Here There Thus Therefore To For From After Although As At
    By During On
    Of One Two Three Both Each All Most Many Some Several Such While When Where Whereas With Within Without Among
    An A Patients Results Conclusion Conclusions Methods Background Objective Objectives Furthermore Moreover
    Additionally Also Because Before Between But And Only Other Overall If Since Using Under Upon Until Then
    They Their
    Finally First Second Hence He She His Her I Interestingly Importantly Neither No None Not Nevertheless Recently
    Similarly Subsequently Surprisingly That Treatment Mice Rats Cells Given Based Compared Despite Further Through
    METHODS RESULTS CONCLUSION CONCLUSIONS BACKGROUND OBJECTIVE OBJECTIVES DISCUSSION DESIGN SETTING PURPOSE AIM AIMS
    """)
"""Capitalised, they start a sentence even after an abbreviation."""

BEFORE_LETTER = _words("""
    vitamin vitamins hepatitis type types group groups factor class grade stage phase protein proteins kinase arm
    influenza subtype subtypes panel patient patients child-pugh genotype genotypes haemophilia hemophilia
    domain subunit chain receptor site region part cohort interleukin immunoglobulin cytochrome coenzyme
    method plan case
    """)
"""A single letter after them is a name's last word, not an initial."""

CONTINUES_LINE = _words("""
    a an the of in on at by to for from with without within and or nor but that which who whose as than is are
    was were be
    been being has have had not no into onto between among during after before under over per via vs versus e.g. i.e.
    dr. prof. fig. figs. et al. approx. ca. this these those their its our his her
    """)
"""A line that ends in one of these goes on."""
