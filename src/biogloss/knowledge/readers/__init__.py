"""Readers of the forms that vocabularies come in: tables, OBO, OBO graphs, UMLS's Rich Release Format.

for concept in read("my-terms.csv", Reading(type="Disease"), report): ...

Every mistake is an error that names file and line, what was found, what was expected and what to do.
"""

from __future__ import annotations

from biogloss.knowledge.readers.file import Reading, read

__all__ = ["Reading", "read"]
