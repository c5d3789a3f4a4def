# SPDX-License-Identifier: MIT
"""Strings and regular expressions, against Python's own."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, quote_plus, unquote_plus, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localaws.timestream.sql import java

Values = Callable[[str], list[tuple[Any, ...]]]

texts = st.text("aabcé€😀 ,", max_size=9)
parts = st.text("aé,", max_size=2)


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def distance(one: str, other: str) -> int:
    """Levenshtein's."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]


def places(text: str, part: str) -> list[int]:
    return [i + 1 for i in range(len(text)) if text.startswith(part, i)] if part else []


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=10))
@settings(max_examples=15)
def test_distances(values: Values, pairs: list[tuple[str, str]]) -> None:
    padded = [(one, other, other.ljust(len(one))[: len(one)]) for one, other in pairs]
    rows = ", ".join(f"({i}, {', '.join(map(literal, row))})" for i, row in enumerate(padded))
    assert values(
        "SELECT levenshtein_distance(x, y), hamming_distance(x, z) "
        f"FROM (VALUES {rows}) AS t(i, x, y, z) ORDER BY i"
    ) == [
        (str(distance(one, other)), str(sum(a != b for a, b in zip(one, same_size, strict=True))))
        for one, other, same_size in padded
    ]


@given(texts, st.integers(-10, 10), st.integers(0, 10))
@settings(max_examples=60)
def test_substrings(values: Values, text: str, start: int, size: int) -> None:
    first = start - 1 if start > 0 else len(text) + start
    rest = text[first:] if start and first >= 0 else ""
    assert values(
        f"SELECT substr(x, {start}), substr(x, {start}, {size}) FROM (VALUES {literal(text)}) t(x)"
    ) == [(rest, rest[:size])]


@given(texts, parts, st.integers(1, 4))
@settings(max_examples=40)
def test_parts(values: Values, text: str, part: str, n: int) -> None:
    part = part or ","
    found, split = places(text, part), text.split(part)
    assert values(
        f"SELECT strpos(x, y), strpos(x, y, {n}), strrpos(x, y), strrpos(x, y, {n}), split(x, y), "
        f"split(x, y, {n}), split_part(x, y, {n}), replace(x, y, '-') "
        f"FROM (VALUES ({literal(text)}, {literal(part)})) t(x, y)"
    ) == [
        (
            str(found[0] if found else 0),
            str(found[n - 1] if len(found) >= n else 0),
            str(found[-1] if found else 0),
            str(found[-n] if len(found) >= n else 0),
            split,
            text.split(part, n - 1),
            split[n - 1] if len(split) >= n else None,
            text.replace(part, "-"),
        )
    ]


@given(texts, st.integers(0, 15), st.text("xyé", min_size=1, max_size=3))
@settings(max_examples=40)
def test_padding_and_order(values: Values, text: str, size: int, fill: str) -> None:
    padding = (fill * size)[: max(0, size - len(text))]
    assert values(
        f"SELECT lpad(x, {size}, {literal(fill)}), rpad(x, {size}, {literal(fill)}), reverse(x), length(x), "
        f"'[' || trim(x) || ']', upper(x), lower(x) FROM (VALUES {literal(text)}) t(x)"
    ) == [
        (
            (padding + text)[:size] if padding else text[:size],
            text[:size] + padding,
            text[::-1],
            str(len(text)),
            f"[{text.strip()}]",
            text.upper(),
            text.lower(),
        )
    ]


PATTERNS = st.recursive(
    st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\w", r"\d", "é", "^", "$"]),
    lambda inner: st.one_of(
        st.builds("({})".format, inner),
        st.builds("(?:{}){}".format, inner, st.sampled_from("?*+")),
        st.builds("{}{}".format, inner, inner),
        st.builds("(?:{}|{})".format, inner, inner),
    ),
    max_leaves=4,
)


def java_matches(text: str, pattern: str) -> list[str]:
    """As Java finds them: after a match of nothing it looks on from the next character."""
    compiled, start, found = re.compile(pattern, re.ASCII), 0, []
    while start <= len(text) and (match := compiled.search(text, start)):
        found.append(match[0])
        start = max(match.end(), match.start() + 1)
    return found


@given(st.text("abé1", max_size=6), PATTERNS)
@settings(max_examples=60)
def test_the_engine_and_java_agree_on_patterns_that_both_know(
    values: Values, text: str, pattern: str
) -> None:
    """A pattern that is no literal goes Java's way, a literal the engine's where that may take it."""
    calls = ", ".join(
        f"regexp_{name}({{0}})" for name in ("like", "extract", "extract_all", "split", "replace")
    )
    given_text, given_pattern = literal(text), literal(pattern)
    ((*engines,),) = values(f"SELECT {calls.format(f'{given_text}, {given_pattern}')}")
    ((*javas,),) = values(
        f"SELECT {calls.format('x, y')} FROM (VALUES ({given_text}, {given_pattern})) AS t(x, y)"
    )
    assert engines == javas
    found = java_matches(text, pattern)
    assert engines[:3] == [str(bool(found)).lower(), found[0] if found else None, found]


def test_a_match_that_would_take_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java, "PATIENCE", 0.05)
    with pytest.raises(ValueError, match="takes too long"):
        java.regexp_like("a" * 40 + "b", r"^(a|aa|a\w)+(?=\1)$")


@given(st.text(max_size=8).filter(lambda text: "\0" not in text))
@settings(max_examples=60)
def test_urls_escaped_and_back(values: Values, text: str) -> None:
    escaped = quote_plus(text, safe="*").replace("~", "%7E")
    assert values(
        f"SELECT url_encode(x), url_decode(url_encode(x)) FROM (VALUES {literal(text)}) AS t(x)"
    ) == [(escaped, text)]
    assert unquote_plus(escaped) == text


@pytest.mark.parametrize(
    "url",
    [
        "https://me:secret@example.com:8443/a/b%20c?x=1&y=a+b%3D&x=2#top",
        "http://example.com",
        "http://[2001:db8::1]:80/",
        "ftp://example.com/f?q",
        "/only/a/path?x=%C3%A9",
    ],
)
def test_urls_taken_apart(values: Values, url: str) -> None:
    known = urlsplit(url)
    host = known.netloc.rpartition("@")[2]
    host = host if host.endswith("]") else host.rpartition(":")[0] or host
    parameter = parse_qs(known.query).get("x", [None])[0]
    assert values(
        "SELECT url_extract_protocol(x), url_extract_host(x), url_extract_port(x), url_extract_path(x), "
        f"url_extract_fragment(x), url_extract_parameter(x, 'x') FROM (VALUES '{url}') AS t(x)"
    ) == [
        (
            known.scheme,
            host,
            str(known.port) if known.port else None,
            unquote_plus(known.path),
            known.fragment,
            parameter,
        )
    ]
