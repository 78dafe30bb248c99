"""Sentence order: are the two texts in the order in which they stood (ALBERT, Lan et al. 2020, arXiv 1909.11942)?

    [CLS] Gout hurts. [SEP] Colchicine helps. [SEP]      0: they are
    [CLS] Colchicine helps. [SEP] Gout hurts. [SEP]      1: they changed places

Both are of one document, so their topic gives nothing away.
"""

from biogloss.training.objectives._pairs import head, loss

__all__ = ["ELSEWHERE", "head", "loss"]

ELSEWHERE = False
"""A wrong second text is the first one's, with the places changed."""
