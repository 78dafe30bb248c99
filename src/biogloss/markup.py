"""Text made safe to show in a web page, whatever stands in it.

safe("p < .05" and a NUL)   ->   p &lt; .05<span class="control" title="U+0000">NUL</span>
"""

from __future__ import annotations

import base64
import hashlib

# Characters that are invisible or reorder their surroundings: shown by name. Zero-width joiners make emoji and scripts
# what they are and stay.
_NAMES = {0x00: "NUL", 0x08: "BS", 0x0B: "VT", 0x0C: "FF", 0x1B: "ESC", 0x7F: "DEL"}
_DIRECTIONS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_HIDDEN = {
    *(set(range(0x20)) - {0x09, 0x0A, 0x0D}),
    *range(0x7F, 0xA0),
    *_DIRECTIONS,
    *range(0xD800, 0xE000),
    0xFEFF,
    0xFFFE,
    0xFFFF,
}
_MARKUP = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;", ord("'"): "&#39;"}
_IN_TEXT = _MARKUP | {
    code: f'<span class="control" title="U+{code:04X}">{_NAMES.get(code, f"U+{code:04X}")}</span>' for code in _HIDDEN
}
_IN_ATTRIBUTE = _MARKUP | {ord("\n"): "&#10;"} | {code: f"[U+{code:04X}]" for code in _HIDDEN}


def safe(text: str) -> str:
    """Text as it stands between tags; hidden control characters are shown by their names."""
    return _one_line_end(text).translate(_IN_TEXT)


def attribute(text: str) -> str:
    """Text as it stands in the quotes of an attribute, or in a title."""
    return _one_line_end(text).translate(_IN_ATTRIBUTE)


def digest(text: str) -> str:
    """The digest by which a Content-Security-Policy lets a style or a script of the page run, and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def head(title: str, style: str, script: str = "") -> str:
    """The start of a page that fetches nothing, up to ``<body>``: only this style and this script may run.

    Args:
        title: words, not yet safe.
        style: CSS of the page.
        script: what stands in its one script, if it has one.
    """
    scripts = f" script-src '{digest(script)}';" if script else ""
    policy = f"default-src 'none'; style-src '{digest(style)}';{scripts} base-uri 'none'; form-action 'none'"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="Biogloss">
<title>{attribute(title)}</title>
<style>{style}</style>
</head>
<body>
"""


def _one_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
