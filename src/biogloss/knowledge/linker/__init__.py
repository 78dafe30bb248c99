"""Linking: which identifier a mention stands for, how sure that is, and why.

from biogloss.knowledge.linker import Linker, Mention
"""

from __future__ import annotations

from biogloss.knowledge.linker._features import is_short
from biogloss.knowledge.linker.linker import Learnt, Linker
from biogloss.knowledge.linker.mention import NOWHERE, Choice, Mention, Surroundings
from biogloss.knowledge.linker.wanted import Wanted, wanted

__all__ = ["NOWHERE", "Choice", "Learnt", "Linker", "Mention", "Surroundings", "Wanted", "is_short", "wanted"]
