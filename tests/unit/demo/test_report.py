# SPDX-License-Identifier: MIT
"""What the demo shows, in a terminal of 100 columns."""

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from demo import report
from demo.csv_table import Problem
from demo.ledger import Ledger
from demo.message import Delivery, Message, Route
from demo.query import Answer, Value
from demo.questions import FOLDER, Question

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
QUESTION = Question("How warm is it?", FOLDER / "01-warm.sql", "")


@pytest.fixture
def console() -> Console:
    return Console(width=100, record=True, file=io.StringIO())


def shown(console: Console) -> list[list[str]]:
    """The words of each line that has any."""
    return [line.split() for line in console.export_text().splitlines() if line.strip()]


class TestSideBySide:
    def test_a_measure_becomes_a_column(self) -> None:
        long = Answer(
            ["device", "measure_name", "average"],
            [("a", "t", 1.0), ("a", "h", 2.0), ("b", "h", 3.0)],
        )
        assert report.side_by_side(long) == Answer(["device", "t", "h"], [("a", 1.0, 2.0), ("b", None, 3.0)])

    @pytest.mark.parametrize(
        "answer",
        [
            Answer(["device", "average"], [("a", 1.0)]),
            Answer(["measure_name", "lowest", "highest"], [("t", 1.0, 2.0), ("h", 1.0, 2.0)]),
            Answer(["device", "measure_name"], [("a", "t")]),
            Answer(["device", "measure_name", "v"], [("a", f"m{n}", 1.0) for n in range(7)]),
        ],
        ids=["no measure", "several values", "no value", "too many measures"],
    )
    def test_others_stay_as_they_are(self, answer: Answer) -> None:
        assert report.side_by_side(answer) == answer


class TestAnswer:
    def test_values_are_written_for_people(self, console: Console) -> None:
        row: tuple[Value, ...] = ("a[b]", 1234, 1234.5678, 0.06123, 0.00476, 0.0, True, None, NOON)
        report.answer(console, QUESTION, Answer([f"c{n}" for n in range(len(row))], [row]), 0.0123)
        question, _, _, values, source = shown(console)
        assert question == ["How", "warm", "is", "it?"]
        assert values == [
            "a[b]",
            "1,234",
            "1,234.57",
            "0.061",
            "0.00476",
            "0.00",
            "true",
            "01-01",
            "12:00",
        ]
        assert source == ["files/queries/01-warm.sql,", "12", "ms"]

    def test_foreign_text_cannot_steer_the_terminal(self, console: Console) -> None:
        report.answer(console, QUESTION, Answer(["device"], [("a\x1b[2Jb[red]",)]), 0.001)
        assert shown(console)[3] == ["a�[2Jb[red]"]

    def test_none(self, console: Console) -> None:
        report.answer(console, QUESTION, Answer(["a"], []), 0.001)
        assert shown(console)[1][0] == "none"

    def test_a_long_one_is_cut_and_says_so(self, console: Console) -> None:
        report.answer(console, QUESTION, Answer(["a"], [(n,) for n in range(1015)]), 0.001)
        assert shown(console)[-1][-3:] == ["1,000", "rows", "more"]


class TestBooks:
    def ledger(self) -> Ledger:
        ledger = Ledger(
            [
                Delivery(Route.DIRECT, Message("a", "l", 1, {"t": 1, "h": 1})),
                Delivery(Route.BATCH, Message("b", "l", 1, {"t": 1, "h": 1})),
            ]
        )
        (a_t, a_h, b_t, _) = ledger.routes
        ledger.find(a_t, 1)
        ledger.report({a_h: "too [old]", b_t: "too [old]"})
        return ledger

    def test_a_line_a_route_and_their_sum(self, console: Console) -> None:
        report.what_went_in(console, self.ledger(), 2.0)
        lines = shown(console)
        assert lines[0] == ["route", "messages", "readings", "stored", "reported", "missing"]
        assert lines[2][-5:] == ["1", "2", "1", "1", "0"]
        assert lines[3][-5:] == ["1", "2", "0", "1", "1"]
        assert lines[4] == ["all", "2", "4", "1", "2", "1"]
        assert lines[5][-4:] == ["2", "readings", "a", "second"]

    def test_reasons_and_what_is_missing(self, console: Console) -> None:
        report.what_is_not_stored(console, self.ledger())
        lines = shown(console)
        assert lines[2] == ["too", "[old]", "2"]
        assert lines[3][:6] == ["1", "readings", "are", "neither", "stored", "nor"]
        assert "device_id='b'" in lines[4][0]

    def test_nothing_to_say_if_all_is_stored(self, console: Console) -> None:
        report.what_is_not_stored(console, Ledger([]))
        assert shown(console) == []


def test_lines_not_read(console: Console) -> None:
    report.lines_not_read(console, [Problem(n, f"reason {n}") for n in range(2, 22)])
    lines = shown(console)
    assert lines[2] == ["2", "reason", "2"]
    assert lines[-1] == ["...", "and", "12", "more"]
