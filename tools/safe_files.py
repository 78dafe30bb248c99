"""Files that should not be committed: too large, with a secret, or with what could name a patient.

    $ python tools/safe_files.py tests examples
    tests/fixtures/note.txt, line 2: looks like a medical record number

Secrets are looked for everywhere; patterns of persons in ``tests`` and ``examples`` only, where excerpts of real texts
stand. A pattern is no proof of absence: read what you add. Takes files and folders; exit code 1 where it finds some.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[1]
MAX_MEGABYTES = 1.0
# The weights and the index of terms that ship, and weights to train further.
LARGE = re.compile(
    r"^(?:src/biogloss/data/[^/]+/model\.bin|src/biogloss/data/terms-en\.xz|packages/biogloss-weights/biogloss_weights/[^/]+/model\.safetensors)$"
)
EXCERPTS = ("tests/", "examples/")

SECRETS = {
    "a secret": re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{36}|\bhf_[A-Za-z]{30,}|\bpypi-\w{50,}"
    ),
}
PERSONS = {
    "a medical record number": re.compile(r"\b(?:MRN|medical record (?:number|no\.?))[\s:#]*\d{5,}", re.IGNORECASE),
    "a date of birth": re.compile(r"\b(?:DOB|date of birth)[\s:]*\d", re.IGNORECASE),
    "a social security number": re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])"),
    "a telephone number": re.compile(r"\(\d{3}\) ?\d{3}-\d{4}|(?<![\d.])1[3-9]\d{9}(?![\d.])"),
    "a Chinese identity number": re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{9}[\dXx](?!\d)"),
    "an e-mail address": re.compile(r"\b[\w.+-]+@(?!example\.)[\w-]+\.[a-z]{2,}\b"),  # example.*: RFC 2606
}


def main(arguments: Sequence[str]) -> int:
    """Print what is found in files and folders; returns the exit code."""
    found = [problem for path in _files(arguments) for problem in problems(path, _name(path))]
    if found:
        print("\n".join(found))
    return 1 if found else 0


def problems(path: Path, name: str) -> Iterator[str]:
    """What is wrong with one file; ``name`` is its path in the repository, with ``/``."""
    megabytes = path.stat().st_size / 1e6
    if megabytes > MAX_MEGABYTES:
        if not LARGE.match(name):
            yield f"{name}: {megabytes:.1f} MB, the limit is {MAX_MEGABYTES:.0f} MB"
        return
    patterns = SECRETS | (PERSONS if name.startswith(EXCERPTS) else {})
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").split("\n"), 1):
        for what, pattern in patterns.items():
            if pattern.search(line):
                yield f"{name}, line {number}: looks like {what}"


def _files(arguments: Sequence[str]) -> Iterator[Path]:
    for argument in arguments:
        path = Path(argument)
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (file for file in found if file.is_file() and "__pycache__" not in file.parts)


def _name(path: Path) -> str:
    whole = path.resolve()
    return whole.relative_to(ROOT).as_posix() if whole.is_relative_to(ROOT) else path.as_posix()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
