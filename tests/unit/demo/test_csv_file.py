# SPDX-License-Identifier: MIT
"""CSV files of every kind: readings, and a clear word about what is none."""

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from demo.csv_file import CsvFile, Settings, load, shift
from demo.csv_table import MAX_LINE, CsvError, Problem
from demo.message import Message, milliseconds

SETTINGS = Settings("logger", "lab")
NOON = 1_767_268_800_000  # date -u -d '2026-01-01 12:00' +%s
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def loaded(folder: Path, content: str | bytes, settings: Settings = SETTINGS) -> CsvFile:
    path = folder / "readings.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return load(path, settings)


def rows(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def problems(found: CsvFile) -> dict[int, str]:
    return {problem.line: problem.reason for problem in found.problems}


class TestWhatAFileSays:
    def test_columns_have_their_parts(self, tmp_path: Path) -> None:
        found = loaded(
            tmp_path,
            rows(
                "Timestamp,device_id,Location,Temp (C),note,CO2",
                "2026-01-01 12:00,a,roof,1.5,fine,400",
                "2026-01-01 12:01,b,yard,-2,windy,",
            ),
        )
        assert found.messages == [
            Message("a", "roof", NOON, {"Temp_C": 1.5, "CO2": 400}),
            Message("b", "yard", NOON + 60_000, {"Temp_C": -2}),
        ]
        assert found.measures == ["Temp_C", "CO2"]
        assert found.ignored == ["note"]
        assert found.problems == []

    def test_settings_stand_in_for_dimensions(self, tmp_path: Path) -> None:
        found = loaded(tmp_path, rows("time,t", "2026-01-01 12:00,1"))
        assert found.messages == [Message("logger", "lab", NOON, {"t": 1})]

    def test_settings_come_from_the_file_s_name(self) -> None:
        assert Settings.of(Path("/data/greenhouse/bed-3.csv")) == Settings("bed-3", "greenhouse")

    @pytest.mark.parametrize("name", ["date", "time", "timestamp", "Date", "TIME"])
    def test_names_of_the_time(self, tmp_path: Path, name: str) -> None:
        assert loaded(tmp_path, rows(f"{name},t", f"{NOON},1")).messages[0].time_ms == NOON

    def test_date_and_time_together(self, tmp_path: Path) -> None:
        found = loaded(tmp_path, rows("date,time,t", "2026-01-01,12:00:00,1"))
        assert found.messages[0].time_ms == NOON
        assert found.measures == ["t"]

    def test_messages_are_in_order_of_time(self, tmp_path: Path) -> None:
        found = loaded(tmp_path, rows("time,t", f"{NOON + 5},2", f"{NOON},1"))
        assert [message.time_ms for message in found.messages] == [NOON, NOON + 5]

    def test_rows_as_r_writes_them(self, tmp_path: Path) -> None:
        found = loaded(
            tmp_path,
            rows(
                '"date","Temperature"', '"140","2026-01-01 12:00:00",23.7', '"141","2026-01-01 12:01:00",24'
            ),
        )
        assert [message.values for message in found.messages] == [{"Temperature": 23.7}, {"Temperature": 24}]

    def test_rows_as_pandas_writes_them(self, tmp_path: Path) -> None:
        """Its index has a column without a title, which measures nothing."""
        assert loaded(tmp_path, rows(",time,t", f"0,{NOON},1", f"1,{NOON + 1},2")).measures == ["t"]

    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_delimiters(self, tmp_path: Path, delimiter: str) -> None:
        found = loaded(tmp_path, rows("time,t,h", f"{NOON},1,2").replace(",", delimiter))
        assert found.messages[0].values == {"t": 1, "h": 2}

    def test_decimal_commas(self, tmp_path: Path) -> None:
        assert loaded(tmp_path, rows("time;t", f"{NOON};23,7")).messages[0].values == {"t": 23.7}

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
    @pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
    def test_encodings_and_line_endings(self, tmp_path: Path, encoding: str, ending: str) -> None:
        text = rows("time,Température °C", f"{NOON},21").replace("\n", ending)
        assert loaded(tmp_path, text.encode(encoding)).measures == ["Temperature_C"]

    def test_empty_fields_are_no_readings(self, tmp_path: Path) -> None:
        found = loaded(tmp_path, rows("time,a,b", f"{NOON},NaN,1", f"{NOON + 1},2,", f"{NOON + 2},NA,null"))
        assert [message.values for message in found.messages] == [{"b": 1}, {"a": 2}]
        assert problems(found) == {4: "has no reading"}

    @hypothesis_settings(max_examples=30)
    @given(
        table=st.dictionaries(
            st.integers(10**12, 4 * 10**12),
            st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**53) + 1, 2**53 - 1)),
            min_size=1,
            max_size=20,
        ),
        delimiter=st.sampled_from(",;\t|"),
        quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
        device=st.text(
            st.characters(codec="utf-8", exclude_characters="\0\r\n", exclude_categories=["Z", "C"]),
            min_size=1,
        ),
    )
    def test_what_was_written_is_read(
        self,
        tmp_path_factory: pytest.TempPathFactory,
        table: dict[int, tuple[float, int]],
        delimiter: str,
        quoting: int,
        device: str,
    ) -> None:
        text = io.StringIO()
        writer = csv.writer(text, delimiter=delimiter, quoting=quoting)  # type: ignore[arg-type]
        writer.writerow(["timestamp", "device_id", "a", "b"])
        writer.writerows([time, device, a, b] for time, (a, b) in table.items())
        found = loaded(tmp_path_factory.mktemp("csv"), text.getvalue())
        assert found.messages == [
            Message(device, "lab", time, {"a": a, "b": b}) for time, (a, b) in sorted(table.items())
        ]
        assert found.problems == []


class TestARowThatCantBeRead:
    """It is reported by its line and reason, and costs no other row."""

    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            (f"{NOON + 1},b,1,2,3,4", "fields: 6, not 4"),
            (f"{NOON + 1},b,1", "fields: 3, not 4"),
            ("yesterday,b,1,2", "its time is neither ISO 8601 nor an epoch: 'yesterday'"),
            (",b,1,2", "its time is neither ISO 8601 nor an epoch: ''"),
            (f"{NOON + 1},b,broken,2", "t is not a number: 'broken'"),
            (f"{NOON + 1},b,1e999,2", "t is not a number: '1e999'"),
            (f"{NOON + 1},b,,", "has no reading"),
            (f"{NOON + 1},,1,2", "device_id is empty"),
            (f"{NOON + 1},{'b' * 1025},1,2", "device_id is longer than 1,024 bytes"),
            (f"{NOON},a,7,8", "has the device, location and time of line 2"),
            (f'{NOON + 1},"b,1,2', "a quotation mark is astray, or it is over 65,536 characters"),
            (f'{NOON + 1},"b"x,1,2', "a quotation mark is astray, or it is over 65,536 characters"),
            (
                f"{NOON + 1},b,1,{'2' * 10 * MAX_LINE}",
                "a quotation mark is astray, or it is over 65,536 characters",
            ),
        ],
    )
    def test_is_reported(self, tmp_path: Path, row: str, reason: str) -> None:
        found = loaded(tmp_path, rows("time,device_id,t,h", f"{NOON},a,1,2", row, f"{NOON + 2},c,3,4"))
        assert found.problems == [Problem(3, reason)]
        assert [message.device_id for message in found.messages] == ["a", "c"]

    def test_blank_lines_are_nothing(self, tmp_path: Path) -> None:
        found = loaded(tmp_path, rows("", "time,t", "", f"{NOON},1", "  ", "x,2"))
        assert len(found.messages) == 1
        assert list(problems(found)) == [6]


class TestAFileThatCantBeUsed:
    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("", "is empty"),
            ("\n\n", "is empty"),
            (
                "temperature,humidity\n1,2\n",
                "no column named timestamp or date or time; its columns: 'temperature, humidity'",
            ),
            ("time,note\n2026-01-01,fine\n", "no column of numbers beside its time"),
            ("time,t\n", "no row of .* could be read; there is none"),
            (
                "time,t\nsoon,1\nlater,2\n",
                "no row of .* could be read; the first, line 2: its time is neither",
            ),
            ('"time,t\n', "the header of .* has an open quotation mark"),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is not a text file: line 3 has a zero byte"),
            (b"\xff\xfe\x00", "is not a text file"),
            (
                "time," + ",".join(f"m{n}" for n in range(101)) + f"\n{NOON}" + ",1" * 101,
                "101 columns of numbers; .* 100 at most",
            ),
        ],
    )
    def test_says_why(self, tmp_path: Path, content: str | bytes, message: str) -> None:
        with pytest.raises(CsvError, match=message):
            loaded(tmp_path, content)

    def test_missing(self, tmp_path: Path) -> None:
        with pytest.raises(CsvError, match="can't be read: No such file"):
            load(tmp_path / "none.csv", SETTINGS)

    def test_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(CsvError, match="can't be read: Is a directory"):
            load(tmp_path, SETTINGS)

    @hypothesis_settings(max_examples=100)
    @given(
        st.one_of(st.binary(max_size=400), st.text(alphabet='time,;"\n12 é\0', max_size=200).map(str.encode))
    )
    def test_any_bytes_are_read_or_refused(
        self, tmp_path_factory: pytest.TempPathFactory, content: bytes
    ) -> None:
        try:
            found = loaded(tmp_path_factory.mktemp("csv"), b"time,t\n" + content)
        except CsvError:
            return
        assert all(message.values for message in found.messages)


class TestShift:
    def messages(self, *times: datetime) -> list[Message]:
        return [Message("d", "l", milliseconds(time), {"t": 1}) for time in times]

    def test_an_old_file_ends_now_with_its_spacing(self) -> None:
        day = datetime(2015, 2, 2, tzinfo=UTC)
        old = self.messages(day, day + timedelta(seconds=59), day + timedelta(hours=40))
        moved, by = shift(old, NOW, timedelta(hours=24))
        assert by == NOW - (day + timedelta(hours=40))
        assert moved == self.messages(
            NOW - timedelta(hours=40), NOW - timedelta(hours=40) + timedelta(seconds=59), NOW
        )

    @pytest.mark.parametrize("age", [timedelta(0), timedelta(hours=23, minutes=59), timedelta(minutes=-15)])
    def test_a_recent_file_stays(self, age: timedelta) -> None:
        recent = self.messages(NOW - timedelta(days=9), NOW - age)
        assert shift(recent, NOW, timedelta(hours=24)) == (recent, timedelta())

    @pytest.mark.parametrize("age", [timedelta(hours=24), timedelta(minutes=-16)])
    def test_what_the_memory_store_would_not_take_moves(self, age: timedelta) -> None:
        assert shift(self.messages(NOW - age), NOW, timedelta(hours=24)) == (self.messages(NOW), age)
