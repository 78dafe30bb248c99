"""Each cleaner takes out what it names, leaves ordinary text alone, and is done after one pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biogloss.preparation.cleaning import CLEANERS, cleaned

PROSE = (
    "Metformin lowered glucose (p < 0.05 and n > 30) in type 2 diabetes.\n"
    "See Fig. 2; [3H]thymidine was taken up, and 95% CI [0.3, 0.9] was wide. An open question & more.\n"
    "Authors differ on copyright law. References to the year 2020 are rare. Contact a doctor."
)
FRAGMENTS = st.sampled_from(
    [
        *(
            "\n",
            " ",
            "\u00a0",
            "\u200b",
            "\r\n",
            "e\u0301",
            "Gout hurts. ",
            "The fever fell. ",
            "() ",
            "(",
            ")",
            "[, ]",
            "; ",
        ),
        *("&amp;", "&amp;lt;", "lt;", "&#x3b1;", "&#0;", "<i>", "</i", "<<b>i>", "<p class='x'>", "> ", "& "),
        *("BODY.METHODS:\n", "TITLE: \n", "\\documentclass[12pt]{minimal}", "\\end{document}", "ABSTRACT.\n"),
        *(
            "www.",
            "http://a.org/x ",
            "a@",
            "b.org",
            "@",
            "\u00a9 2020 Elsevier. ",
            "All rights reserved. ",
            "(c) 2019 ",
        ),
        *(
            "(ABSTRACT TRUNCATED AT 250 WORDS)",
            "ABSTRACT TRUNCATED",
            "Click here for more. ",
            "The authors declare that ",
        ),
        *(
            "they have no competing interests. ",
            "\nReferences\n",
            "\nBibliography:\n",
            "Smith J, Wu A. Gut 2001;48:526-35.\n",
        ),
    ]
)


@pytest.mark.parametrize("name", CLEANERS)
@given(text=st.one_of(st.lists(FRAGMENTS, max_size=12).map("".join), st.text(max_size=40)))
def test_a_cleaner_has_nothing_left_to_do(name, text):
    once = CLEANERS[name](text)
    assert CLEANERS[name](once) == once


@pytest.mark.parametrize("name", CLEANERS)
def test_ordinary_prose_stays_as_it_is(name):
    assert CLEANERS[name](PROSE) == PROSE


@pytest.mark.parametrize(
    ("name", "dirty", "clean"),
    [
        ("unicode", "5\u00a0mg\u2009of A\u0308\r\nx\u00ady\ufeff", "5 mg of \u00c4\nxy"),
        ("unicode", "10\u00b5 m\u00b2 \uff21", "10\u00b5 m\u00b2 \uff21"),
        ("markup", "<i>S.&nbsp;aureus</i> p &lt; .05<br/>Next", "S.\u00a0aureus p < .05\nNext"),
        ("markup", "a &amp;amp;lt; b", "a < b"),
        ("markup", "grew (  , ) and [\u2013] fell", "grew and fell"),
        ("markup", "so \\documentclass[12pt]{minimal} $$x$$ \\end{document} it", "so   it"),
        ("markup", "BODY.METHODS.STATISTICS:\nWe counted.", "STATISTICS:\nWe counted."),
        ("markup", "TITLE: \nGout", "\nGout"),
        ("addresses", "Write to jane" + "@example.org or see https://example.org/a?b=1 now", "Write to  or see  now"),
        ("licence", "Gout hurts. \u00a9 2020 The Authors. All rights reserved. It passes.", "Gout hurts. It passes."),
        ("licence", "This is an Open Access article distributed under the terms of CC BY.", ""),
        ("boilerplate", "We saw 3 cases (ABSTRACT TRUNCATED AT 250 WORDS)", "We saw 3 cases"),
        ("boilerplate", "It works. The authors declare that they have no competing interests.", "It works."),
        ("boilerplate", "It works. Springer Nature remains neutral with regard to jurisdictional claims.", "It works."),
        (
            "references",
            "It works.\nReferences\n\n1. Smith J, Wu A. Gut 2001;48:526-35.\nAppendix",
            "It works.\nAppendix",
        ),
        ("references", "It works.\nReferences\nThey are online.", "It works.\nReferences\nThey are online."),
    ],
)
def test_what_a_cleaner_takes_out(name, dirty, clean):
    assert CLEANERS[name](dirty) == clean


def test_a_cleaner_that_is_left_out_does_nothing():
    text = "Gout hurts. \u00a9 2020 The Authors. <i>Gut</i>"
    assert cleaned(text, []) == text
    assert cleaned(text, ["markup"]) == "Gout hurts. \u00a9 2020 The Authors. Gut"


def test_the_order_is_that_of_the_list_not_of_the_recipe():
    text = "Gout&nbsp;hurts. &copy; 2020 Elsevier."
    assert cleaned(text, ["licence", "markup"]) == cleaned(text, ["markup", "licence"])
