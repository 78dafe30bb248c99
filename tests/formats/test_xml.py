"""Cutting XML into records: whatever stands in a record or is wrong with it, the others are read."""

import gzip
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biogloss.errors import EncodingError, Failure, FormatError, UnsafeInputError
from biogloss.formats import _xml
from biogloss.formats._xml import Record, records, root_name

GOOD = "<r><id>{}</id></r>"


def xml_file(tmp_path, content, name="records.xml"):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(path, **options):
    return list(records(path, ("r",), step="test", **options))


def ids(found):
    return [record.element.findtext("id") for record in found if isinstance(record, Record)]


def failures(found):
    return [failure for failure in found if isinstance(failure, Failure)]


@pytest.mark.parametrize(
    "inside",
    [
        "<!-- </r> <r> -->",
        "<![CDATA[ </r><r> ]]>",
        "<?note </r> ?>",
        "<rr/><r-a></r-a><a r='</r'/>".replace("</r'", "r'"),
        "<deep><deep/></deep>",
        "π 患者 😀",
    ],
)
def test_what_looks_like_a_record_end_is_not_one(tmp_path, inside):
    path = xml_file(tmp_path, f"<set><r><id>1</id>{inside}</r><r><id>2</id></r></set>")
    assert ids(read(path)) == ["1", "2"]


@pytest.mark.parametrize(
    ("damaged", "says"),
    [
        ("<r><id>2</id><b></r>", "malformed"),
        ("<r><id>2</id>", "no end"),
        ("<r><id>2<!-- </id></r>", "<!-- in it does not end"),
        ("<r><id>2<![CDATA[ </id></r>", "CDATA"),
        ("<id>2</id></r>", "without its <r>"),
        ("<r><id>\xff</id></r>".encode("latin-1"), "malformed"),
        (b"<r><id>\x00</id></r>", "malformed"),
        ("<r><id>&unknown;</id></r>", "unknown"),
        ("<r" + " <r><id>2</id></r>", "no end"),
        ("<r><!ENTITY x 'y'></r>", "malformed"),
    ],
)
def test_a_damaged_record_costs_only_itself(tmp_path, damaged, says):
    damaged = damaged if isinstance(damaged, bytes) else damaged.encode()
    before, after = ("\n".join(GOOD.format(n) for n in numbers).encode() for numbers in ((0, 1), (3, 4, 5)))
    found = read(xml_file(tmp_path, b"<set>\n" + before + b"\n" + damaged + b"\n" + after + b"\n</set>"))
    assert [number for number in ids(found) if number != "2"] == ["0", "1", "3", "4", "5"]
    [failure] = failures(found)
    assert failure.document_id == "record 3"
    assert "records.xml, record 3, line 4: " in str(failure.error)
    assert says in str(failure.error)


def test_the_line_of_the_fault_is_named(tmp_path):
    content = "<set>\n<r>\n<id>1</id>\n</r>\n<r>\n\n<b></c>\n</r>\n</set>"
    [failure] = failures(read(xml_file(tmp_path, content)))
    assert "record 2, line 7: the XML is malformed (Opening and ending tag mismatch: b" in str(failure.error)


BILLION_LAUGHS = '<!DOCTYPE set [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><set><r><id>&b;</id></r></set>'
EXTERNAL = '<!DOCTYPE set [<!ENTITY x SYSTEM "file:///etc/passwd">]><set><r><id>&x;</id></r></set>'
PARAMETER = '<!DOCTYPE set [<!ENTITY % p SYSTEM "http://127.0.0.1/x.dtd"> %p;]><set><r><id>1</id></r></set>'
LATE = f"<set>{GOOD.format(1)}</set><!DOCTYPE set [<!-- --><!ENTITY x 'y'>]>"


@pytest.mark.parametrize("content", [BILLION_LAUGHS, EXTERNAL, PARAMETER, LATE, EXTERNAL.encode("utf-16")])
def test_a_file_that_declares_entities_is_refused(tmp_path, content):
    with pytest.raises(UnsafeInputError, match=r"records.xml, line 1: the file declares entities .*xmllint --noent"):
        read(xml_file(tmp_path, content))


def test_a_doctype_is_read_over_and_nothing_is_fetched(tmp_path):
    dtd = xml_file(tmp_path, "<!ELEMENT set (nothing)> this is no DTD", "set.dtd")
    content = f'<!DOCTYPE set PUBLIC "-//X//Y//EN" "{dtd.as_uri()}">\n<set>{GOOD.format(1)}</set>'
    assert ids(read(xml_file(tmp_path, content))) == ["1"]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("<r>" + "<a>" * 400 + "</a>" * 400 + "</r>", UnsafeInputError),
        ("<r>" + "<a/>" * 60 + "</r>", UnsafeInputError),
        ("<r>" + "x" * 5000 + "</r>", FormatError),
    ],
)
def test_limits_on_depth_tags_and_length_of_one_record(tmp_path, monkeypatch, content, error):
    monkeypatch.setattr(_xml, "MAX_RECORD_TAGS", 50 if "<a/>" in content else 10_000)
    monkeypatch.setattr(_xml, "MAX_RECORD_BYTES", 4000)
    monkeypatch.setattr(_xml, "BLOCK_BYTES", 512)
    found = read(xml_file(tmp_path, f"<set>{GOOD.format(1)}{content}{GOOD.format(3)}</set>"))
    assert ids(found) == ["1", "3"]
    assert [type(failure.error) for failure in failures(found)] == [error]


def test_namespaces_declared_on_the_root_hold_in_each_record(tmp_path):
    content = '<p:set xmlns:p="urn:p" xmlns="urn:d"><p:r><p:id>1</p:id></p:r><r><id>2</id></r></p:set>'
    tags = [record.element[0].tag for record in read(xml_file(tmp_path, content))]
    assert tags == ["{urn:p}id", "{urn:d}id"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1", "gb18030", "big5"])
def test_the_declared_encoding_is_used(tmp_path, encoding):
    word = "é" if encoding == "latin-1" else "患者"
    declared = {"utf-8-sig": "utf-8", "utf-16-le": "utf-16"}.get(encoding, encoding)
    content = f'<?xml version="1.0" encoding="{declared}"?><set><r><id>{word}</id></r></set>'
    assert ids(read(xml_file(tmp_path, content.encode(encoding)))) == [word]


def test_an_encoding_that_is_asked_for_overrules_the_declared_one(tmp_path):
    path = xml_file(tmp_path, '<?xml version="1.0" encoding="utf-8"?><set><r><id>é</id></r></set>'.encode("latin-1"))
    assert ids(read(path, encoding="latin-1")) == ["é"]
    with pytest.raises(EncodingError, match="the bytes are not utf-16"):
        read(path, encoding="utf-16")
    with pytest.raises(EncodingError, match="unknown encoding: klingon"):
        read(path, encoding="klingon")
    with pytest.raises(EncodingError, match="not a text encoding"):
        read(xml_file(tmp_path, '<?xml version="1.0" encoding="zlib"?><set/>'))


def test_a_file_that_ends_early_says_so(tmp_path):
    whole = "<set>" + "".join(map(GOOD.format, range(50))) + "</set>"
    inside = read(xml_file(tmp_path, whole[:-15]))
    assert ids(inside) == [str(n) for n in range(49)]
    assert [failure.document_id for failure in failures(inside)] == ["record 50", "end of file"]
    between = read(xml_file(tmp_path, whole[:-6]))
    assert ids(between) == [str(n) for n in range(50)]
    assert "the file ends before </set>" in str(failures(between)[0].error)
    assert not failures(read(xml_file(tmp_path, whole)))


def test_a_gzip_stream_cut_short_gives_the_records_before_the_cut(tmp_path, monkeypatch):
    monkeypatch.setattr(_xml, "BLOCK_BYTES", 4096)
    numbers = [str(n * 7919 % 10_007) for n in range(20_000)]
    packed = gzip.compress(("<set>" + "".join(map(GOOD.format, numbers)) + "</set>").encode())
    path = xml_file(tmp_path, packed[: len(packed) // 2])
    seen = []
    with pytest.raises(FormatError, match="cut short"):
        seen.extend(record.element.findtext("id") for record in records(path, ("r",), step="test"))
    assert len(seen) > 5000
    assert seen == numbers[: len(seen)]


def test_another_format_is_named_as_such(tmp_path):
    with pytest.raises(FormatError, match=r"there is no <r> in it; expected XML of this format\. Name its real format"):
        read(xml_file(tmp_path, "1|t|Gout\n1|a|hurts\n"))


PIECES = st.sampled_from(
    [
        "<r>",
        "</r>",
        "<r/>",
        "<id>1</id>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?x",
        "?>",
        "<",
        ">",
        "é😀",
        "\n",
        "<set>",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=25), st.integers(1, 40))
def test_where_blocks_end_makes_no_difference(tmp_path_factory, pieces, block_bytes):
    path = xml_file(
        tmp_path_factory.getbasetemp(), "<set>" + "".join(pieces) + "<r><id>last</id></r></set>", "blocks.xml"
    )
    with pytest.MonkeyPatch.context() as patch:
        whole = [str(getattr(found, "error", "")) or found.place for found in read(path)]
        patch.setattr(_xml, "BLOCK_BYTES", block_bytes)
        assert [str(getattr(found, "error", "")) or found.place for found in read(path)] == whole


def test_memory_does_not_grow_with_the_file(tmp_path):
    path = xml_file(tmp_path, "<set>" + ("<r><id>1</id>" + "x" * 5000 + "</r>\n") * 3000 + "</set>")
    tracemalloc.start()
    count = sum(1 for _ in records(path, ("r",), step="test"))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 3000
    assert peak_bytes < 4_000_000


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b'<?xml version="1.0"?><!-- <x> --><!DOCTYPE a PUBLIC "b" "c">\n<a:collection x="1">', "collection"),
        (b"\xef\xbb\xbf<article>", "article"),
        ("<?xml version='1.0' encoding='utf-16'?><set>".encode("utf-16"), "set"),
        (b"7|t|Gout <a>", ""),
        (b"", ""),
    ],
)
def test_the_root_is_named_from_the_first_bytes(head, name):
    assert root_name(head) == name


def test_openers_that_never_end_cost_no_more_than_their_length(tmp_path):
    # Each looks ahead for its end; searched anew for each, this would take hours.
    opened = read(xml_file(tmp_path, "<set><r><id>1</id>" + "<![CDATA[ <!-- <? " * 20_000 + "</r>" + GOOD.format(2)))
    assert ids(opened) == ["2"]
    assert [failure.document_id for failure in failures(opened)] == ["record 1", "end of file"]
