# SPDX-License-Identifier: MIT
"""URLs. The developer guide has no page of these: they are Trino's.

Source: https://trino.io/docs/current/functions/url.html
"""

from __future__ import annotations

_URL = r"^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$"
_REFUSED = r"[\x00-\x20<>\x22{}|\\^`]|%[^0-9A-Fa-f]|%.[^0-9A-Fa-f]|%.?$"
_BROKEN = "%[^0-9A-Fa-f]|%.[^0-9A-Fa-f]|%.?$"

MACROS = rf"""
_decoded(s) = CASE WHEN regexp_matches(s, '{_BROKEN}')
    THEN timestream._fail_text('URLDecoder: Illegal hex characters in escape (%) pattern')
    ELSE url_decode(replace(s, '+', ' ')) END
_url_part(url, i) =
    CASE WHEN NOT regexp_matches(url, '{_REFUSED}') THEN regexp_extract(url, '{_URL}', i) END
_authority(url) = regexp_replace(timestream._url_part(url, 2), '^[^@]*@', '')
url_encode(s varchar) =
    replace(replace(replace(url_encode(s), '%20', '+'), '~', '%7E'), '%2A', '*')
url_decode(s varchar) = timestream._decoded(s)
url_extract_protocol(url varchar) = timestream._url_part(url, 1)
url_extract_host(url varchar) = regexp_extract(timestream._authority(url), '^(\[[^\]]*\]|[^:]*)', 1)
url_extract_port(url varchar) =
    CAST(nullif(regexp_extract(timestream._authority(url), ':(\d+)$', 1), '') AS BIGINT)
url_extract_path(url varchar) = url_decode(timestream._url_part(url, 3))
url_extract_query(url varchar) = url_decode(timestream._url_part(url, 4))
url_extract_fragment(url varchar) = url_decode(timestream._url_part(url, 5))
url_extract_parameter(url varchar, name varchar) = list_transform(
    list_filter(string_split(timestream._url_part(url, 4), '&'), lambda p: split_part(p, '=', 1) = name),
    lambda p: timestream._decoded(substr(p, length(name) + 2)))[1]
"""
