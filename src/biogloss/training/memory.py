"""Freed memory is kept for the next pass instead of being given back to the system, which would clear it page by page.

A pass allocates arrays of tens of megabytes (logits, gradients of embeddings). glibc maps each of them anew by default,
and the system fills them with zeros: that is a third of the time of a pass in bfloat16.
"""

from __future__ import annotations

import ctypes
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h of glibc
_MOST = 2**31 - 1


def keep_freed() -> bool:
    """Ask the C library to keep what is freed; whether it knows how to (glibc does, others are left as they are)."""
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return bool(mallopt and mallopt(M_MMAP_THRESHOLD, _MOST) and mallopt(M_TRIM_THRESHOLD, _MOST))
