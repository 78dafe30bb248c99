"""Next sentence: is the second text what stood behind the first one (Devlin et al. 2019, arXiv 1810.04805)?

[CLS] Gout hurts. [SEP] Colchicine helps. [SEP]      0: it is
[CLS] Gout hurts. [SEP] The gene was cloned. [SEP]   1: it is of another document
"""

from biogloss.training.objectives._pairs import head, loss

__all__ = ["ELSEWHERE", "head", "loss"]

ELSEWHERE = True
"""A wrong second text is one of another document."""
