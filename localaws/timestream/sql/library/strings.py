# SPDX-License-Identifier: MIT
"""Strings and regular expressions.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/string-functions.html
"""

from __future__ import annotations

MACROS = r"""
chr(n bigint) = chr(CAST(n AS INTEGER))
codepoint(s varchar) = unicode(s)
hamming_distance(a varchar, b varchar) = hamming(a, b)
length(s varchar) = length(s)
levenshtein_distance(a varchar, b varchar) = levenshtein(a, b)
lower(s varchar) = lower(s)
lpad(s varchar, size bigint, fill varchar) = lpad(s, CAST(size AS INTEGER), fill)
ltrim(s varchar) = ltrim(s)
regexp_extract(s varchar, pattern varchar) = regexp_extract_all(s, pattern)[1]
regexp_extract(s varchar, pattern varchar, part bigint) =
    regexp_extract_all(s, pattern, CAST(part AS INTEGER))[1]
regexp_extract_all(s varchar, pattern varchar) = regexp_extract_all(s, pattern)
regexp_extract_all(s varchar, pattern varchar, part bigint) =
    regexp_extract_all(s, pattern, CAST(part AS INTEGER))
regexp_like(s varchar, pattern varchar) = regexp_matches(s, pattern)
regexp_replace(s varchar, pattern varchar) = regexp_replace(s, pattern, '', 'g')
regexp_replace(s varchar, pattern varchar, with_ varchar) =
    regexp_replace(s, pattern, regexp_replace(with_, '\$(\d)', '\\\1', 'g'), 'g')
regexp_split(s varchar, pattern varchar) = regexp_split_to_array(s, pattern)
replace(s varchar, search varchar) = replace(s, search, '')
replace(s varchar, search varchar, with_ varchar) = replace(s, search, with_)
reverse(s varchar) = reverse(s)
reverse(a) = list_reverse(a)
rpad(s varchar, size bigint, fill varchar) = rpad(s, CAST(size AS INTEGER), fill)
rtrim(s varchar) = rtrim(s)
split(s varchar, delimiter varchar) = string_split(s, delimiter)
split_part(s varchar, delimiter varchar, i bigint) = string_split(s, delimiter)[i]
strpos(s varchar, part varchar) = strpos(s, part)
substr(s varchar, start bigint) = CASE WHEN start = 0 THEN '' ELSE substr(s, start) END
substr(s varchar, start bigint, size bigint) = CASE WHEN start = 0 THEN '' ELSE substr(s, start, size) END
substring(s varchar, start bigint) = CASE WHEN start = 0 THEN '' ELSE substr(s, start) END
substring(s varchar, start bigint, size bigint) = CASE WHEN start = 0 THEN '' ELSE substr(s, start, size) END
trim(s varchar) = trim(s)
upper(s varchar) = upper(s)
"""
