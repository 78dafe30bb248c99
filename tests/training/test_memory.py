"""Freed arrays are used again, not given back to the system."""

import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
import numpy as np
from biogloss.training.memory import keep_freed
kept = keep_freed()
def fill():
    np.empty(64 << 20, dtype=np.uint8).fill(1)
fill()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(4):
    fill()
print(kept, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc is asked to keep memory")
def test_a_freed_array_costs_no_new_pages():
    kept, faults = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True
    ).stdout.split()
    if kept == "False":
        pytest.skip("this C library has no mallopt")
    assert int(faults) < 1000  # 64 MB anew four times would be 64,000 pages
