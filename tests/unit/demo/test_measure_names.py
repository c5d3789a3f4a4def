# SPDX-License-Identifier: MIT
"""Column titles made into measure names."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.measure_names import measure_name, measure_names


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Temperature", "Temperature"),
        ("HumidityRatio", "HumidityRatio"),
        ("CO2", "CO2"),
        ("Température (°C)", "Temperature_C"),
        ("CO(GT)", "CO_GT"),
        ("PT08.S1(CO)", "PT08_S1_CO"),
        ("wind speed [m/s]", "wind_speed_m_s"),
        ("2m temperature", "m_2m_temperature"),
        ("value", "m_value"),
        ("Select", "m_Select"),
        ("time", "m_time"),
        ("measure_name_x", "m_measure_name_x"),
        ("ts_1", "m_ts_1"),
        ("%", "m"),
        ("温度", "m"),
    ],
)
def test_name_of_a_title(title: str, name: str) -> None:
    assert measure_name(title) == name


@given(st.dictionaries(st.integers(0, 50), st.text(max_size=300), max_size=20))
def test_every_title_has_a_name_of_its_own_that_a_rule_takes(titles: dict[int, str]) -> None:
    names = measure_names(titles)
    assert names.keys() == titles.keys()
    assert len(set(names.values())) == len(titles)
    assert all(re.fullmatch("[A-Za-z][A-Za-z0-9_]{0,80}", name) for name in names.values())


def test_same_titles_are_numbered() -> None:
    assert measure_names({1: "t", 2: "t", 5: "t_2", 7: "t"}) == {1: "t", 2: "t_2", 5: "t_2_2", 7: "t_3"}
