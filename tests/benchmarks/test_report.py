"""The page that holds a question's answer."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.chart import Bar
from benchmarks.measurements import Spread
from benchmarks.report import Report, table, times

cells = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]))


@given(st.lists(st.tuples(cells, cells), max_size=5))
def test_every_row_has_as_many_cells_as_the_head(rows):
    lines = table(("", "milliseconds"), rows).splitlines()

    assert len(lines) == 2 + len(rows)
    assert all(line.count("|") == 3 for line in lines)


def test_a_spread_is_one_cell_in_one_line():
    assert times(Spread(305, 312.4, 330)) == "312&nbsp;(305&nbsp;to&nbsp;330)"


def test_a_page_holds_the_question_the_table_and_what_is_behind_it(tmp_path: Path):
    report = Report(
        head=("", "milliseconds"),
        rows=[("hello", "1")],
        bars=[Bar("hello", {"event": 1})],
        rounds=7,
    )

    report.write(tmp_path, "speed", text="How fast?\n\nVery.\n")

    page = (tmp_path / "speed.md").read_text()
    assert page.startswith("# How fast?\n\n![The medians as bars](speed.svg)\n")
    assert "|  | milliseconds |\n| --- | ---: |\n| hello | 1 |\n" in page
    assert "in 7 rounds" in page
    assert "\nVery.\n" in page
    assert "<title>How fast?</title>" in (tmp_path / "speed.svg").read_text()
