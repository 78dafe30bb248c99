"""Explanations as one self-contained web page: words shaded by what they add, and how far that can be trusted.

    page(explained, "my-model-1")       "<!DOCTYPE html>..."

Words that speak for a prediction are blue with a solid line, those that speak against it orange with a dashed one; the
stronger, the more. The page has no script and fetches nothing; its Content-Security-Policy lets only its own style
apply. The values of the words that count most stand in a table too.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from biogloss.explanation.figures import curves
from biogloss.formats import _page
from biogloss.markup import attribute, head, safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from biogloss.explanation.explainer import Explanation
    from biogloss.explanation.job import Explained
    from biogloss.explanation.nearest import Neighbour

LEVELS = 8
TOP = 10
MOST_WORDS = 90  # characters of an item that a heading shows


def page(found: Sequence[Explained], model: str) -> str:
    """The page.

    Args:
        found: documents with explanations.
        model: its name.
    """
    articles = "\n".join(_article(one) for one in found)
    return f"""{head(f"What {model} says, and why", _style())}\
<header class="top">
<h1>What <code>{safe(model)}</code> says, and why</h1>
<p>{_HOW}</p>
{_LEGEND}
</header>
<main>
{articles}
</main>
</body>
</html>
"""


_HOW = (
    "Each word is shaded by what it adds to the log-odds of the prediction. Whether the model needs them is tested "
    "by hiding them: an explanation that does no better than random orders of the words tells nothing."
)
_LEGEND = (
    '<p class="key" aria-label="Legend"><span class="w n8">speaks against it</span> <span class="w n3">a little</span> '
    '<span class="w p3">a little</span> <span class="w p8">speaks for it</span> '
    '<span class="it">what is explained</span></p>'
)


def _article(found: Explained) -> str:
    document = found.document
    parts = [f'<article lang="{attribute(document.language)}">', f'<h2 dir="auto">{safe(document.id)}</h2>']
    parts += [_section(one) for one in found.explanations]
    if not found.explanations:
        parts.append("<p>Nothing is predicted here.</p>")
    if found.left:
        parts.append(f'<p class="about">{found.left:,} more predictions are not explained.</p>')
    return "\n".join([*parts, "</article>"])


def _section(one: Explanation) -> str:
    item = one.question.item
    words = f"“{safe(_shortened(item.words, MOST_WORDS))}” " if item.words else ""
    share = f"{'number' if item.is_number else 'probability'} {one.probability:.3f}, {one.method}"
    good = "good" if one.faithful.is_better_than_chance else "warn"
    badge = f'<span class="badge">{safe(item.label)}</span> <span class="quiet">{share}</span>'
    parts = [
        f'<section class="why">\n<h3 dir="auto">{words}{badge}</h3>',
        f'<p class="words" dir="auto">{"".join(_words(one))}</p>',
        f'<p class="verdict {good}">{verdict(one)}</p>\n<p class="about">{numbers(one)}</p>',
        f"<details><summary>The words that count most</summary>{_table(one)}</details>",
        f"<details open><summary>While words are hidden</summary>{_figures(one)}</details>",
    ]
    return "\n".join([*parts, *_neighbours(one.neighbours), "</section>"])


def _words(one: Explanation) -> Iterator[str]:
    """The text that is read, its words shaded."""
    question = one.question
    if not question.words:
        return
    place, outlined = question.words[0].span.start, False
    yield "…" if question.text[:place].strip() else ""
    for word, level, value in zip(question.words, shades(one), one.values, strict=True):
        start = max(place, word.span.start)
        if start < word.span.end:
            names = f"w {'p' if level > 0 else 'n'}{abs(level)}" if level else "w"
            is_own = any(span.overlaps(word.span) for span in question.item.spans)
            if outlined and not is_own:
                yield "</span>"
            yield safe(question.text[place:start])
            if is_own and not outlined:
                yield '<span class="it">'
            outlined = is_own
            yield f'<span class="{names}" title="{value:+.3f}">'
            yield f"{safe(question.text[start : word.span.end])}</span>"
            place = word.span.end
    yield "</span>" if outlined else ""
    yield "…" if question.text[place:].strip() else ""


def shades(one: Explanation) -> list[int]:
    """How strongly each word is shaded, from -LEVELS to LEVELS; the strongest word has all."""
    most = float(np.abs(one.values).max(initial=0.0))
    if not most:
        return [0] * len(one.values)
    return [int(level) for level in np.rint(LEVELS * one.values / most)]


def verdict(one: Explanation) -> str:
    """Whether hiding words bears the explanation out, as a sentence."""
    tested = one.faithful
    if tested.is_better_than_chance:
        return f"Hiding the words bears this out: better than all of {tested.orders} random orders."
    if not tested.orders:
        return "Not compared with random orders."
    others = f"{tested.orders - tested.beaten} of {tested.orders} random orders"
    return f"No better than chance: {others} of the words do as well."


def numbers(one: Explanation) -> str:
    """Areas, comprehensiveness and sufficiency beside the mean of random orders, and the completeness error."""
    own, random = one.faithful.own, one.faithful.random
    rows = (
        ("deletion", own.areas[0], random.areas[0], "less"),
        ("insertion", own.areas[1], random.areas[1], "more"),
        ("comprehensiveness", own.comprehensiveness, random.comprehensiveness, "more"),
        ("sufficiency", own.sufficiency, random.sufficiency, "less"),
    )
    shown = [
        f"{name} {mine[0]:.3f}" + (f" (random {other.mean():.3f}; {better} is better)" if len(other) else "")
        for name, mine, other, better in rows
    ]
    if one.integrated is not None:
        steps, error = one.integrated.steps, one.integrated.error
        shown.append(f"completeness error {100 * error:.1f} % with {steps} steps")
    return " · ".join(shown)


def _table(one: Explanation) -> str:
    text = one.question.text
    rows = "".join(
        f'<tr><th scope="row" dir="auto">{safe(text[span.start : span.end])}</th><td>{value:+.3f}</td></tr>'
        for span, value in one.top(TOP)
    )
    head = '<thead><tr><th scope="col">word</th><th scope="col">adds</th></tr></thead>'
    return f"<table>{head}<tbody>{rows}</tbody></table>"


def _figures(one: Explanation) -> str:
    tested = one.faithful
    plots = "".join(
        f"<figure><figcaption>{title}</figcaption>{curves(title, tested.own.shares, own[0], random)}</figure>"
        for title, own, random in (
            ("Deletion: the most important words hidden first", tested.own.deletion, tested.random.deletion),
            ("Insertion: the most important words shown first", tested.own.insertion, tested.random.insertion),
        )
    )
    return f'<div class="figures">{plots}</div>'


def _neighbours(found: Sequence[Neighbour]) -> Iterator[str]:
    if not found:
        return
    yield '<details open><summary>Nearest training examples</summary><ol class="near">'
    for one in found:
        yield (
            f'<li><span class="badge">{safe(one.label)}</span> <span class="quiet">{safe(one.document)}, cosine '
            f'{one.similarity:.3f}</span><q dir="auto">{safe(one.before)}<mark>{safe(one.words)}</mark>'
            f"{safe(one.after)}</q></li>"
        )
    yield "</ol></details>"


def _shortened(words: str, most: int) -> str:
    words = " ".join(words.split())
    return words if len(words) <= most else words[: most - 1] + "…"


@cache
def _style() -> str:
    # Universal newlines: the digest is of what a browser sees, which has \n however the file was checked out.
    return _page.style() + files(__package__).joinpath("_page.css").read_text(encoding="utf-8")
