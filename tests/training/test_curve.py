"""The learning curve is well-formed SVG that says what it shows, whatever a run went through."""

import json
import re
from xml.etree import ElementTree as ET

import pytest

from biogloss.training import curve

SVG = "{http://www.w3.org/2000/svg}"


def steps(count, stage="encoder"):
    return [{"stage": stage, "step": step, "norm": 1.0, "loss": 3 - step / count} for step in range(1, count + 1)]


def drawn(records, title="run"):
    return ET.fromstring(curve.svg(records, pieces=1000, title=title))


def texts(root):
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


def with_class(root, name):
    return [part for part in root.iter() if part.get("class") == name]


def test_a_run_is_drawn_with_axes_units_and_a_legend():
    held_out = [{"stage": "encoder", "step": step, "held_out": 4.0 - step / 100} for step in (50, 100)]
    undone = {"stage": "encoder", "rolled_back": 1, "from_step": 60, "to_step": 50, "loss": 1e9}
    root = drawn([*steps(30, "head"), *steps(100), undone, *held_out])
    assert {"run: encoder", "thousands of pieces", "training loss, nats per hidden piece"} <= set(texts(root))
    assert {"held-out loss, nats per word", "training, smoothed", "held out", "rolled back"} <= set(texts(root))
    assert {"0", "20", "100"} <= set(texts(root))  # thousands
    assert len(root.findall(f"{SVG}circle")) == 2
    (mark,) = [part for part in with_class(root, "undone") if f"V{curve.BOTTOM}" in part.get("d")]
    assert float(re.match(r"M([\d.]+)", mark.get("d"))[1]) == pytest.approx((curve.LEFT + curve.RIGHT) / 2)


def test_lines_fall_where_the_loss_falls_and_stay_in_the_plot():
    (line,) = with_class(drawn(steps(2000)), "loss")[1:]
    places = [tuple(map(float, pair.split(","))) for pair in line.get("points").split()]
    assert 100 < len(places) <= 600
    assert places == sorted(places)  # down the page is less loss
    assert all(curve.LEFT <= x <= curve.RIGHT and curve.TOP <= y <= curve.BOTTOM for x, y in places)


@pytest.mark.parametrize(
    "records",
    [[], steps(1), steps(2), [{"stage": "encoder", "step": step, "loss": 2.0} for step in (1, 2)]],
    ids=["nothing", "one step", "two steps", "always the same loss"],
)
def test_short_runs_are_drawn_too(records):
    assert texts(drawn(records))[0] == "run: encoder"


def test_losses_that_are_no_numbers_are_left_out():
    bad = [{"stage": "encoder", "step": 101, "loss": float(name)} for name in ("nan", "inf")]
    assert curve.svg([*steps(100), *bad], pieces=1, title="a") == curve.svg(steps(100), pieces=1, title="a")


def test_a_run_of_the_head_alone_shows_the_head():
    assert texts(drawn(steps(30, "head")))[0] == "run: head"


def test_the_title_is_text():
    assert texts(drawn(steps(3), title="<a & b>"))[0] == "<a & b>: encoder"


def test_the_file_stands_beside_the_steps(tmp_path):
    lines = "".join(json.dumps(record) + "\n" for record in steps(5))
    (tmp_path / "steps.jsonl").write_text(lines, encoding="utf-8")
    path = curve.write(tmp_path, pieces=1000)
    assert path == tmp_path / "curve.svg"
    assert path.read_text(encoding="utf-8") == curve.svg(steps(5), pieces=1000, title=tmp_path.name)
