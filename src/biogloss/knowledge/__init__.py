"""What is known outside the text: concepts with their names and identifiers, and the index that finds them.

from biogloss.knowledge import Terms
with Terms.open("my-index.terms") as terms:
    print(terms.find(["NIDDM"], types=["Disease"], namespaces=["MESH"])["NIDDM"][0].id)
"""

from __future__ import annotations

from biogloss.knowledge.concept import Concept, Mapping, Synonym
from biogloss.knowledge.terms import Hit, Terms

__all__ = ["Concept", "Hit", "Mapping", "Synonym", "Terms"]
