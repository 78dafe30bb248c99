"""Words of groups in one another's place: agreeing, reversible where one stands for one, and annotations along."""

import re

import pytest
from document_strategies import documents
from hypothesis import given
from hypothesis import strategies as st

from biogloss.documents import Document, Mark, Span, entity_at, span_text
from biogloss.errors import ConfigError, InputError
from biogloss.explanation import swaps

SWAPS = swaps.load()
PAIRS = [
    (name, one, other) for name, groups in SWAPS.attributes.items() for one in groups for other in groups if one < other
]
# Clauses whose words have one counterpart each, in the groups of the first column; articles agree.
REVERSIBLE = {
    "sex": [
        *("The woman was pale.", "He and his wife came.", "A male patient.", "She took her dose.", "THE MAN WAS PALE."),
        *(
            "Her mother died.",
            "It was given to her.",
            "Emily slept.",
            "患者女，咳嗽。",
            "她的丈夫来了。",
            "The fever fell.",
        ),
    ],
    "age": ["A 45-year-old came.", "An 8-year-old child.", "They were adults.", "aged 38", "患者，41岁。", "A fever."],
    "ethnicity": ["A White man.", "An Asian woman.", "Black patients came.", "A Hispanic male.", "white matter"],
    "name origin": ["Emily came.", "Zhiwei slept.", "Omar's fever fell.", "Priya and Rahul.", "志伟来了。", "Li rose."],
    "ethnic group in China": ["患者汉族。", "藏族，女。", "回族男子。", "Gout."],
}


def swapped(text, attribute, one, other):
    return SWAPS.swap(Document("1", text), attribute, one, other)[0].text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A 45-year-old woman took her pills.", "A 45-year-old man took his pills."),
        ("She told her that it was hers.", "He told him that it was his."),
        ("His pain is his. We saw him and his son.", "Her pain is hers. We saw her and her daughter."),
        ("Mrs Lee and her husband; HER2 positive.", "Mr Lee and his wife; HER2 positive."),
        ("An actor and a lady.", "An actor and a gentleman."),
        ("HE SAW HER MOTHER. H&E: HE stain; MEN 1.", "SHE SAW HIS FATHER. H&E: HE stain; MEN 1."),
        ("A man-made daughter cell in the bundle of His.", "A man-made daughter cell in the bundle of His."),
        ("患者，女，服用阿托伐他汀，其他无。她的丈夫", "患者，男，服用阿托伐他汀，其他无。他的妻子"),
        ("多西他赛、吉西他滨治疗，子女健康。", "多西他赛、吉西他滨治疗，子女健康。"),
    ],
)
def test_words_of_sex_agree(text, expected):
    assert swapped(text, "sex", "female", "male") == expected


@pytest.mark.parametrize(
    ("text", "groups", "expected"),
    [
        ("A 45-year-old man.", ("adult", "elderly"), "A 75-year-old man."),
        ("An 8-year-old boy, aged 8.", ("child", "adult"), "A 38-year-old man, aged 38."),
        ("An adult in her forties.", ("adult", "elderly"), "An elderly person in her seventies."),
        ("Adults aged 18-65, Child-Pugh A.", ("adult", "child"), "Children aged 18-65, Child-Pugh A."),
        ("1.45 years old", ("adult", "child"), "1.45 years old"),
        ("患者，男，72岁。", ("elderly", "adult"), "患者，男，42岁。"),
    ],
)
def test_words_of_age_agree(text, groups, expected):
    assert swapped(text, "age", *groups) == expected


def test_a_colour_is_a_group_beside_a_person_only():
    text = "A white woman with white matter lesions, black stool and a black box warning."
    assert swapped(text, "ethnicity", "White", "Black").startswith(
        "A black woman with white matter lesions, black stool"
    )
    assert SWAPS.pairs("White blood cells were high; the stool was black.", "ethnicity") == []


@given(st.data())
def test_swapping_back_gives_the_text_as_it_was(data):
    name, one, other = data.draw(st.sampled_from(PAIRS))
    text = " ".join(data.draw(st.lists(st.sampled_from(REVERSIBLE[name]), max_size=6)))
    assert swapped(swapped(text, name, one, other), name, one, other) == text
    assert swapped(text, name, one, other) == swapped(text, name, other, one)


@given(st.data())
def test_entities_are_still_what_stands_at_their_offsets(data):
    name, one, other = data.draw(st.sampled_from(PAIRS))
    text = " ".join(data.draw(st.lists(st.sampled_from(REVERSIBLE[name]), min_size=1, max_size=4)))
    words = [Span(*match.span()) for match in re.finditer(r"\S+", text)]
    found = tuple(entity_at(text, span, "Word", id=f"T{number}") for number, span in enumerate(words))
    document = Document("1", text, entities=found, marks=(Mark(Span(0, len(text)), "sentence"),))
    made, _ = SWAPS.swap(document, name, one, other)
    assert [entity.id for entity in made.entities] == [entity.id for entity in found]
    assert all(span_text(made.text, entity.spans) == entity.text for entity in made.entities)
    assert [entity.text for entity in made.entities] == made.text.split()
    assert made.marks == (Mark(Span(0, len(made.text)), "sentence"),)


@given(documents(texts=st.text(st.sampled_from("gout αβ😀痛风 -,\n"), max_size=40)))
def test_a_document_without_attributes_is_unchanged(document):
    for name, groups in SWAPS.attributes.items():
        assert SWAPS.pairs(document.text, name) == []
        assert SWAPS.swap(document, name, *groups[:2]) == (document, [])


def test_groups_that_stand_are_those_that_a_word_tells_apart():
    assert SWAPS.pairs("A woman and her son.", "sex") == [("female", "male"), ("male", "female")]
    assert SWAPS.pairs("A man with gout.", "age") == []  # adult or elderly: it does not say
    assert SWAPS.pairs("A 45-year-old man.", "age") == [("adult", "child"), ("adult", "elderly")]


def test_what_only_one_group_has_binds_a_document():
    assert SWAPS.is_bound("She is pregnant.", "sex")
    assert SWAPS.is_bound("A postmenopausal woman.", "sex")
    assert SWAPS.is_bound("患者女，妊娠。", "sex")
    assert not SWAPS.is_bound("She is pregnant.", "ethnicity")
    assert not SWAPS.is_bound("Lactate was high.", "sex")


def test_a_users_rows_win_and_new_attributes_join(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(
        '[[attributes]]\nname = "sex"\ngroups = ["female", "male"]\nrows = [["woman", "bloke"], ["nun", "monk"]]\n'
        '[[attributes]]\nname = "insurance"\ngroups = ["public", "private"]\nrows = [["Medicaid", "Aetna"]]\n',
        encoding="utf-8",
    )
    own = swaps.load(path)
    assert own.swap(Document("1", "A woman, a nun, he; Medicaid."), "sex", "male", "female")[0].text == (
        "A bloke, a monk, she; Medicaid."
    )
    assert own.pairs("Medicaid", "insurance") == [("public", "private")]
    assert own.only(["insurance"]) == ["insurance"]
    with pytest.raises(ConfigError, match="no attribute 'height'; there are: sex, insurance, age"):
        own.only(["height"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rows = 3\n", "unknown key rows; the keys are: attributes"),
        (
            '[[attributes]]\nname = "a"\ngroups = ["x"]\n',
            r"the attribute a has the groups \['x'\]; expected two or more",
        ),
        ('[[attributes]]\nname = "a"\ngroups = ["x", "y"]\nrows = [["b"]]\n', "expected 2 forms, for x, y"),
        ('[[attributes]]\nname = "a"\ngroups = ["x", "y"]\nrows = [["b {c}", "d"]]\n', "{c} beside it; the lists of"),
    ],
)
def test_a_list_that_cannot_be_is_refused_by_its_words(tmp_path, text, words):
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=words):
        swaps.load(path).found("b", "a")


def test_a_list_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"absent\.toml: no such file"):
        swaps.load(tmp_path / "absent.toml")


def test_names_of_each_origin_are_ten_at_least_and_in_one_group_only():
    for name, groups in SWAPS.attributes.items():
        finder = SWAPS._finders[name]
        if name == "name origin":
            for group in range(len(groups)):
                assert len({form for form, rows in finder._rows.items() if group in rows}) >= 20  # two scripts
            assert all(len(rows) == 1 for rows in finder._rows.values())
