# SPDX-License-Identifier: MIT
"""Regular expressions: by the functions of `java`, and their doubles by the engine, which `regexes` picks.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/regex-functions.html
"""

from __future__ import annotations

MACROS = r"""
regexp_extract(s varchar, pattern varchar) = java_regexp_extract_all(s, pattern, 0)[1]
regexp_extract(s varchar, pattern varchar, part bigint) = java_regexp_extract_all(s, pattern, part)[1]
regexp_extract_all(s varchar, pattern varchar) = java_regexp_extract_all(s, pattern, 0)
regexp_extract_all(s varchar, pattern varchar, part bigint) = java_regexp_extract_all(s, pattern, part)
regexp_like(s varchar, pattern varchar) = java_regexp_like(s, pattern)
regexp_replace(s varchar, pattern varchar) = java_regexp_replace(s, pattern, '')
regexp_replace(s varchar, pattern varchar, replacement varchar) = java_regexp_replace(s, pattern, replacement)
regexp_split(s varchar, pattern varchar) = java_regexp_split(s, pattern)
_interleaved(between, matches) = array_to_string(list_transform(list_zip(between, matches),
    lambda pair: pair[1] || CASE WHEN pair[2] IS NULL THEN '' ELSE pair[2] END), '')
_quick_regexp_extract(s, pattern) = regexp_extract_all(s, pattern)[1]
_quick_regexp_extract_1(s, pattern, part) = regexp_extract_all(s, pattern, CAST(part AS INTEGER))[1]
_quick_regexp_extract_all(s, pattern) = regexp_extract_all(s, pattern)
_quick_regexp_extract_all_1(s, pattern, part) = regexp_extract_all(s, pattern, CAST(part AS INTEGER))
_quick_regexp_like(s, pattern) = regexp_matches(s, pattern)
_quick_regexp_replace(s, pattern) = regexp_replace(s, pattern, '', 'g')
_quick_regexp_replace_1(s, pattern, replacement) = regexp_replace(s, pattern, replacement, 'g')
_quick_regexp_split(s, pattern) = regexp_split_to_array(s, pattern)
"""
