"""What marks may be: stretches of text that structure it, sections by what they are about, and words inside.

Mark(Span(0, 41), "family_history", "FAMILY HISTORY")    of "FAMILY HISTORY: mother with breast cancer."

``Mark.kind`` is an open vocabulary, but these kinds have a meaning that readers of documents rely on.
"""

from __future__ import annotations

NOTE_SECTIONS = frozenset(
    {
        "chief_complaint",  # why the patient came, in a line
        "present_illness",  # what has happened up to now
        "past_history",  # earlier illnesses and operations
        "family_history",  # illnesses of relatives
        "social_history",  # habits, work, travel, development
        "obstetric_history",  # menses, pregnancies, births
        "allergies",
        "medications",
        "review_of_systems",  # complaints asked for one by one
        "vital_signs",
        "examination",
        "laboratory",
        "imaging",
        "procedure",  # operations and how they went
        "indication",  # what an examination is to find out
        "findings",  # what an examination found
        "hospital_course",
        "assessment",  # impression, and assessment with plan
        "diagnosis",
        "plan",
        "instructions",  # said to the patient
        "administrative",  # who, where, signatures, codes
    }
)
"""Sections of clinical notes."""

PAPER_SECTIONS = frozenset(
    {
        "background",
        "objective",
        "methods",
        "results",
        "discussion",
        "conclusions",
        "declarations",  # funding, ethics, conflicts, thanks
        "references",
    }
)
"""Sections of papers."""

SECTION = "section"
"""A section that is none of the others, or whose label alone tells what it is about, as in files of PubMed and PMC."""

SECTIONS = NOTE_SECTIONS | PAPER_SECTIONS | {SECTION}

STRUCTURE = SECTIONS | {"title", "abstract", "paragraph", "heading", "table", "figure", "caption", "reference"}
"""Marks that no sentence crosses."""

INSIDE = frozenset({"sentence", "token", "page", "abbreviation", "cue"})
"""Marks of stretches inside passages, or across them: they begin no paragraph on a page and no passage of BioC."""

QUESTION, ANSWER = "question", "Answer"
"""The part of a document that asks, and the type of the entities that answer it."""
