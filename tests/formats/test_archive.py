"""Archives are read in memory, one file after another; what would fill the memory or hides something is refused."""

import struct
import zipfile

import pytest

from biogloss.errors import FormatError, InputError, UnsafeInputError
from biogloss.formats import _archive
from biogloss.formats._source import open_bytes
from biogloss.formats._xml import records


def archive(path, contents, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as writer:
        for name, content in contents.items():
            writer.writestr(name, content)
    return path


def test_files_come_in_the_order_of_their_names_without_folders_and_others(tmp_path):
    path = archive(tmp_path / "a.zip", {"b/2.xml": "<r>2</r>", "b/": "", "a/1.xml": "<r>1</r>", "a/x.txt": "x"})
    found = list(_archive.files(path, ".xml"))
    assert [str(held) for held in found] == [f"{path}: a/1.xml", f"{path}: b/2.xml"]
    assert [record.element.text for held in found for record in records(held, ("r",), step="test")] == ["1", "2"]


def test_a_name_that_points_elsewhere_is_only_a_name(tmp_path):
    path = archive(tmp_path / "a.zip", {"../../outside.xml": "<r/>"})
    (held,) = _archive.files(path, ".xml")
    with open_bytes(held) as stream:
        assert stream.read() == b"<r/>"
    assert {entry.name for entry in tmp_path.iterdir()} == {"a.zip"}


def test_a_file_or_all_of_them_may_not_hold_more_than_the_limits(tmp_path, monkeypatch):
    monkeypatch.setattr(_archive, "MAX_FILE_BYTES", 1000)
    monkeypatch.setattr(_archive, "MAX_BYTES", 2500)
    full = {f"{number}.xml": "x" * 1000 for number in range(3)}
    assert len(list(_archive.files(archive(tmp_path / "a.zip", dict(list(full.items())[:2])), ".xml"))) == 2
    with pytest.raises(UnsafeInputError, match=r"a\.zip: 2\.xml: it holds more than 500 bytes"):
        list(_archive.files(archive(tmp_path / "a.zip", full), ".xml"))
    with pytest.raises(UnsafeInputError, match=r"a\.zip: 0\.xml: it holds more than 1,000 bytes"):
        list(_archive.files(archive(tmp_path / "a.zip", {"0.xml": "x" * 1001}), ".xml"))
    monkeypatch.setattr(_archive, "MAX_FILES", 2)
    with pytest.raises(UnsafeInputError, match="3 files in it; the limit is 2"):
        list(_archive.files(archive(tmp_path / "a.zip", full), ".xml"))


def test_a_file_that_claims_to_be_small_is_not_believed(tmp_path, monkeypatch):
    monkeypatch.setattr(_archive, "MAX_FILE_BYTES", 1000)
    path = archive(tmp_path / "a.zip", {"0.xml": "x" * 100_000})
    content = path.read_bytes().replace(struct.pack("<I", 100_000), struct.pack("<I", 10))
    path.write_bytes(content)
    with pytest.raises((UnsafeInputError, FormatError)):
        list(_archive.files(path, ".xml"))


def test_what_is_no_archive_is_cut_short_or_unusual_is_refused(tmp_path):
    path = archive(tmp_path / "a.zip", {"0.xml": "some words " * 100})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(FormatError, match=r"a\.zip: no zip archive, or a damaged one"):
        list(_archive.files(path, ".xml"))
    path = archive(tmp_path / "b.zip", {"0.xml": "x"}, zipfile.ZIP_BZIP2)
    with pytest.raises(FormatError, match=r"b\.zip: 0\.xml: encrypted, or compressed in an unusual way"):
        list(_archive.files(path, ".xml"))
    with pytest.raises(InputError, match="cannot be read"):
        list(_archive.files(tmp_path / "none.zip", ".xml"))
