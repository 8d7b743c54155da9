"""The chart as a drawing that any browser understands."""

from xml.etree import ElementTree

from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks.chart import Bar, rounded, svg

SVG = "{http://www.w3.org/2000/svg}"
labels = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1)
times = st.floats(min_value=0, max_value=1e6)


def drawn(title: str, bars: list[Bar]) -> ElementTree.Element:
    return ElementTree.fromstring(svg(title, bars))


@given(labels, st.lists(st.tuples(labels, times, times), min_size=1, max_size=9))
@example("nothing, and the shortest time there is", [("a", 0.0, 5e-324)])
def test_every_part_of_every_bar_is_inside_the_drawing(title, measured):
    bars = [Bar(label, {"a": one, "b": two}) for label, one, two in measured]
    drawing = drawn(title, bars)
    width, height = float(drawing.get("width")), float(drawing.get("height"))
    rectangles = drawing.findall(f"{SVG}rect")

    assert len(rectangles) == 2 + 2 * len(bars)  # the legend comes first
    for each in rectangles:
        assert 0 <= float(each.get("x")) <= width - float(each.get("width"))
        assert 0 <= float(each.get("y")) <= height - float(each.get("height"))


def test_bars_are_as_long_as_what_they_stand_for():
    drawing = drawn("a chart", [Bar("short", {"event": 2}), Bar("long", {"event": 8})])
    short, long = (float(each.get("width")) for each in drawing.findall(f"{SVG}rect"))

    assert long == 4 * short


def test_labels_and_numbers_stand_as_they_were_given():
    drawing = drawn("<a> & b", [Bar("<hello>", {"event": 12.34})])

    assert drawing.find(f"{SVG}title").text == "<a> & b"
    assert [each.text for each in drawing.findall(f"{SVG}text")] == [
        "<hello>",
        "12.3 ms",
    ]


def test_numbers_have_the_digits_that_a_measurement_has():
    assert [rounded(each) for each in (1234.5, 99.94, 5.678, 0.3333)] == [
        "1234",
        "99.9",
        "5.68",
        "0.333",
    ]
