"""Records of GNU Health's modules: Tryton's XML data, read as a file like any other.

<record model="gnuhealth.pathology" id="A000"><field name="name">Cholera ...</field><field name="code">A00.0</field>

One record at a time, without entities or network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from lxml import etree

from biogloss.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator


def records(stream: BinaryIO, model: str) -> Iterator[tuple[str, dict[str, str]]]:
    """(id, fields) of each record of a model, in the order of the file; empty fields are left out.

    Raises:
        FormatError: it is not XML.
    """
    options = {"load_dtd": False, "no_network": True, "resolve_entities": False}
    try:
        for _, record in etree.iterparse(stream, tag="record", **options):
            if record.get("model") == model:
                fields = {field.get("name", ""): (field.text or "").strip() for field in record.iterfind("field")}
                yield record.get("id", ""), {name: text for name, text in fields.items() if text}
            record.clear()
    except etree.XMLSyntaxError as error:
        raise FormatError(f"no XML ({error})", file=model) from error
