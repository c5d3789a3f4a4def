# SPDX-License-Identifier: MIT
"""Strings.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/string-functions.html
"""

from __future__ import annotations

_BLANK = (
    *range(9, 14), *range(28, 33), 0x1680, *range(0x2000, 0x2007), *range(0x2008, 0x200B),
    0x2028, 0x2029, 0x205F, 0x3000,
)  # fmt: skip
"""What Java calls whitespace."""

MACROS = rf"""
_blank() = {" || ".join(f"chr({code})" for code in _BLANK)}
_characters(s) = regexp_extract_all(s, '(?s).')
_is_ascii(s) = strlen(s) = length(s)
_letters(n) = array_to_string(list_transform(range(1, n + 1), lambda i: chr(CAST(i AS INTEGER))), '')
_spelled(s, alphabet) = translate(s, array_to_string(alphabet, ''), timestream._letters(len(alphabet)))
_both(a, b) = list_sort(list_distinct(timestream._characters(a || b)))
_spelt(s, alphabet) = CASE WHEN len(alphabet) < 128 THEN timestream._spelled(s, alphabet)
    ELSE timestream._fail_text('Strings of more than 127 different characters are not supported here') END
_apart(a, b) = timestream._spelt(a, timestream._both(a, b))
chr(n bigint) = CASE WHEN n BETWEEN 0 AND 55295 OR n BETWEEN 57344 AND 1114111 THEN chr(CAST(n AS INTEGER))
    ELSE timestream._fail_text('Not a valid Unicode code point: ' || n) END
codepoint(s varchar) = CASE WHEN length(s) = 1 THEN unicode(s)
    ELSE CAST(timestream._fail('Input string must be a single character string: ' || s) AS INTEGER) END
hamming_distance(a varchar, b varchar) = CASE WHEN length(a) <> length(b) THEN
    timestream._fail('The input strings to hamming_distance function must have the same length')
    WHEN a = '' THEN 0 WHEN timestream._is_ascii(a) AND timestream._is_ascii(b) THEN hamming(a, b)
    ELSE hamming(timestream._apart(a, b), timestream._apart(b, a)) END
length(s varchar) = length(s)
levenshtein_distance(a varchar, b varchar) = CASE
    WHEN timestream._is_ascii(a) AND timestream._is_ascii(b) THEN levenshtein(a, b)
    ELSE levenshtein(timestream._apart(a, b), timestream._apart(b, a)) END
lower(s varchar) = lower(s)
_size(size, fill) = CASE WHEN size NOT BETWEEN 0 AND 2147483647
    THEN CAST(timestream._fail('Target length must be in the range [0..2147483647]') AS INTEGER)
    WHEN size > 1000000
    THEN CAST(timestream._fail('The text would be larger than a row may be, 1 MB') AS INTEGER)
    WHEN fill = '' THEN CAST(timestream._fail('Padding string must not be empty') AS INTEGER)
    ELSE CAST(size AS INTEGER) END
lpad(s varchar, size bigint, fill varchar) = lpad(s, timestream._size(size, fill), fill)
ltrim(s varchar) = ltrim(s, timestream._blank())
_interspersed(s, x) = x || array_to_string(list_transform(timestream._characters(s), lambda c: c || x), '')
replace(s varchar, search varchar) = replace(s, search, '')
replace(s varchar, search varchar, new varchar) =
    CASE WHEN search = '' THEN timestream._interspersed(s, new) ELSE replace(s, search, new) END
reverse(s varchar) = CASE WHEN timestream._is_ascii(s) THEN reverse(s)
    ELSE array_to_string(list_reverse(timestream._characters(s)), '') END
rpad(s varchar, size bigint, fill varchar) = rpad(s, timestream._size(size, fill), fill)
rtrim(s varchar) = rtrim(s, timestream._blank())
_split(s, delimiter) = CASE WHEN delimiter = ''
    THEN [timestream._fail_text('The delimiter may not be the empty string')]
    ELSE string_split(s, delimiter) END
_rest(parts, delimiter, n) = CASE WHEN len(parts) <= n THEN parts
    ELSE list_append(parts[1:n - 1], timestream._glued(parts[n:], delimiter)) END
split(s varchar, delimiter varchar) = timestream._split(s, delimiter)
split(s varchar, delimiter varchar, n bigint) = CASE
    WHEN n <= 0 THEN [timestream._fail_text('Limit must be positive')]
    ELSE timestream._rest(timestream._split(s, delimiter), delimiter, n) END
split_part(s varchar, delimiter varchar, i bigint) = CASE
    WHEN i <= 0 THEN timestream._fail_text('Index must be greater than zero')
    WHEN delimiter = '' THEN timestream._characters(s)[i] ELSE string_split(s, delimiter)[i] END
_places(s, part) =
    list_filter(range(1, length(s) - length(part) + 2), lambda i: substr(s, i, length(part)) = part)
_nth(places, i, n) = CASE
    WHEN n <= 0 THEN timestream._fail('''instance'' must be a positive or negative number.')
    WHEN n > len(places) THEN 0 ELSE places[i] END
strpos(s varchar, part varchar) = strpos(s, part)
strpos(s varchar, part varchar, n bigint) =
    CASE WHEN part = '' THEN 1 ELSE timestream._nth(timestream._places(s, part), n, n) END
strrpos(s varchar, part varchar) =
    CASE WHEN part = '' THEN 1 ELSE timestream._nth(timestream._places(s, part), -1, 1) END
strrpos(s varchar, part varchar, n bigint) =
    CASE WHEN part = '' THEN 1 ELSE timestream._nth(timestream._places(s, part), -n, n) END
_substr(s, start, size) = CASE WHEN s IS NOT NULL AND (start = 0 OR size <= 0 OR -start > length(s)) THEN ''
    ELSE substr(s, start, least(size, 2147483647)) END
substr(s varchar, start bigint) = timestream._substr(s, start, 2147483647)
substr(s varchar, start bigint, size bigint) = timestream._substr(s, start, size)
substring(s varchar, start bigint) = timestream._substr(s, start, 2147483647)
substring(s varchar, start bigint, size bigint) = timestream._substr(s, start, size)
trim(s varchar) = trim(s, timestream._blank())
upper(s varchar) = upper(s)
"""

"""`_spelt`: the engine counts bytes that differ, so each character is put for one that is one byte long."""
