"""A data catalogue of made-up files, beside the real one."""

import lzma
import zipfile

import pytest

from biogloss import corpora
from biogloss.formats._source import Report


@pytest.fixture
def put(tmp_path, monkeypatch):
    """Writes a file of a made-up catalogue: text, bytes, or the files of an archive by name."""
    monkeypatch.setenv("BIOGLOSS_DATA", str(tmp_path))

    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, dict):
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                for inner, text in content.items():
                    archive.writestr(inner, text)
            return path
        content = content.encode() if isinstance(content, str) else content
        path.write_bytes(lzma.compress(content) if path.suffix == ".xz" else content)
        return path

    return write


@pytest.fixture
def read():
    """The documents of one split of a corpus, and how often something was left out."""

    def documents(name, split="train"):
        report = Report()
        found = list(corpora.documents(name, split, report))
        return found, sum(report.values())

    return documents
