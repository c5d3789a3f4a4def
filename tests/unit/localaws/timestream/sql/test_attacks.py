# SPDX-License-Identifier: MIT
"""No statement reaches the host, the engine behind the SQL, or a table that is not the caller's."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docs.generate import reference
from localaws.errors import ValidationException
from localaws.timestream.sql import Answer, connect, functions, lambdas, library

Ask = Callable[[str], Answer]
Refusal = Callable[[str], str]

SENSORS = '"iot"."sensor-data"'

ATTACKS = [
    # the host's files
    "SELECT * FROM read_csv('FILE')",
    "SELECT * FROM read_csv_auto('FILE')",
    "SELECT * FROM read_text('FILE')",
    "SELECT * FROM read_parquet('FILE')",
    "SELECT * FROM read_json('FILE')",
    "SELECT * FROM read_blob('FILE')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM sniff_csv('FILE')",
    "SELECT * FROM 'FILE'",
    'SELECT * FROM "FILE"',
    'SELECT * FROM iot."FILE"',
    "SELECT * FROM iot.read_csv('FILE')",
    "SELECT * FROM TABLE(read_csv('FILE'))",
    "SELECT read_text('FILE')",
    "SELECT iot.read_text('FILE')",
    "SELECT \"read_text\"('FILE')",
    "SELECT timestream.read_text('FILE')",
    "SELECT (SELECT text FROM read_csv('FILE'))",
    f"SELECT * FROM {SENSORS} JOIN read_csv('FILE') ON true",
    f"SELECT * FROM {SENSORS}, LATERAL (SELECT * FROM read_csv('FILE'))",
    "WITH x AS (SELECT * FROM read_csv('FILE')) SELECT * FROM x",
    "SELECT 1 UNION SELECT text FROM read_csv('FILE')",
    "SELECT x FROM UNNEST(read_text('FILE')) AS t(x)",
    "FROM read_csv('FILE')",
    "COPY (SELECT 1) TO 'FILE'",
    "COPY t1 FROM 'FILE'",
    "EXPORT DATABASE 'FILE'",
    "IMPORT DATABASE 'FILE'",
    "ATTACH 'FILE' AS other",
    "DETACH timestream",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SELECT getenv('HOME')",
    "SELECT shell('id')",
    # the engine's settings and catalogues
    "SET enable_external_access = true",
    "RESET lock_configuration",
    "PRAGMA database_list",
    "PRAGMA version",
    "USE timestream",
    "CALL pragma_version()",
    "CHECKPOINT",
    "SELECT current_setting('home_directory')",
    "SELECT set_config('x', 'y')",
    "SELECT version()",
    "SELECT current_database()",
    "SELECT current_schema",
    "SELECT * FROM duckdb_tables()",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM memory.information_schema.tables",
    'SELECT * FROM "information_schema"."tables"',
    "SELECT * FROM pg_catalog.pg_tables",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM duckdb_tables",
    "SELECT * FROM pragma_table_info('t1')",
    "SHOW ALL TABLES",
    "SHOW t1",
    "DESCRIBE SELECT 1",
    "DESCRIBE main.secrets",
    "SUMMARIZE t1",
    "EXPLAIN SELECT 1",
    "EXPLAIN ANALYZE SELECT 1",
    # other tables, and what tables have besides their columns
    "SELECT * FROM secrets",
    "SELECT * FROM main.secrets",
    "SELECT * FROM memory.main.secrets",
    "SELECT * FROM t1",
    "SELECT * FROM main.t1",
    "TABLE secrets",
    "SELECT * FROM query('SELECT * FROM secrets')",
    "SELECT * FROM query_table('secrets')",
    f"SELECT rowid FROM {SENSORS}",
    f"SELECT _version FROM {SENSORS}",
    f"SELECT t FROM {SENSORS} t",
    f'SELECT "main"."t1"."_version" FROM {SENSORS}',
    f"SELECT COLUMNS('.*') FROM {SENSORS}",
    f"SELECT * EXCLUDE (time) FROM {SENSORS}",
    f"SELECT * REPLACE (1 AS time) FROM {SENSORS}",
    "WITH secrets AS (SELECT 1) SELECT * FROM (WITH x AS (SELECT 1) SELECT * FROM x), main.secrets",
    "SELECT * FROM (WITH secrets AS (SELECT 1 AS a) SELECT a FROM secrets) AS y, secrets",
    "SELECT (WITH secrets AS (SELECT 1 AS a) SELECT a FROM secrets), (SELECT text FROM secrets)",
    "WITH x AS (SELECT * FROM secrets), secrets AS (SELECT 1) SELECT * FROM x",
    "WITH secrets AS (SELECT * FROM secrets) SELECT * FROM secrets",
    "WITH RECURSIVE secrets AS (SELECT 1 UNION ALL SELECT * FROM secrets) SELECT * FROM secrets",
    # Python's variables
    "SELECT * FROM connection",
    "SELECT * FROM frame",
    "SELECT * FROM iot.frame",
    # other statements
    "INSERT INTO t1 SELECT * FROM t1",
    "UPDATE t1 SET device_id = 'x'",
    "DELETE FROM t1",
    "MERGE INTO t1 USING t2 ON true WHEN MATCHED THEN DELETE",
    "TRUNCATE TABLE t1",
    "DROP TABLE t1",
    "ALTER TABLE t1 RENAME TO x",
    "CREATE TABLE x AS SELECT 1",
    "CREATE VIEW x AS SELECT 1",
    "CREATE MACRO f(x) AS x",
    "CREATE FUNCTION f(x) AS x",
    "CREATE SECRET x (TYPE s3)",
    "SELECT 1 INTO x",
    "BEGIN",
    "COMMIT",
    "PREPARE x AS SELECT 1",
    "EXECUTE x",
    "KILL 1",
    "GRANT ALL ON t1 TO public",
    "VACUUM",
    "SELECT 1; DROP TABLE t1",
    "SELECT 1; SELECT * FROM secrets",
    "; DROP TABLE t1; --",
    # syntax of the engine's or of other databases'
    f"SELECT * FROM {SENSORS} ASOF JOIN {SENSORS} USING (time)",
    f"SELECT * FROM {SENSORS} TABLESAMPLE BERNOULLI (10)",
    f"SELECT * FROM {SENSORS} FOR UPDATE",
    f"SELECT * FROM {SENSORS} QUALIFY row_number() OVER () = 1",
    f"SELECT device_id FROM {SENSORS} GROUP BY ALL",
    f"PIVOT {SENSORS} ON location USING sum(1)",
    f"SELECT * FROM {SENSORS} PIVOT (count(*) FOR location IN ('rome'))",
    f"SELECT * FROM {SENSORS} AS OF TIMESTAMP '2026-01-01'",
    "SELECT {'a': 1}",
    "SELECT $1",
    "SELECT ?",
    "SELECT :x",
    "SELECT @x",
    "SELECT x -> 1 FROM (VALUES 1) t(x)",
    "SELECT '1'::integer",
    "SELECT x'4142'",
    # helpers of ours
    "SELECT _us(now())",
    "SELECT _fail('TOP-SECRET')",
    "SELECT java_regexp_like('a', 'a')",
    "SELECT timestream._us(now())",
    "SELECT _col#",
    'SELECT "_col#"',
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_refused(refusal: Refusal, secret_file: Path, attack: str) -> None:
    assert "TOP-SECRET" not in refusal(attack.replace("FILE", str(secret_file)))


def test_refused_in_the_shell_of_a_harmless_query(refusal: Refusal, secret_file: Path) -> None:
    for attack in (attack for attack in ATTACKS if attack.startswith("SELECT")):
        inner = attack.replace("FILE", str(secret_file))
        refusal(f"WITH a AS ({inner}) SELECT 1 FROM a")
        refusal(f"SELECT 1 WHERE EXISTS ({inner})")


def test_external_access_is_off_behind_the_grammar(secret_file: Path) -> None:
    cursor = connect().cursor()
    frame = {"a": [1]}
    for statement in (
        f"SELECT * FROM read_csv('{secret_file}')",
        f"SELECT * FROM '{secret_file}'",
        f"COPY (SELECT 1) TO '{secret_file}'",
        f"ATTACH '{secret_file}' AS other",
        "INSTALL httpfs",
        "SELECT * FROM frame",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
    ):
        with pytest.raises(duckdb.Error):
            cursor.execute(statement).fetchall()
    assert frame


def _texts(node: Any) -> list[str]:
    if isinstance(node, dict):
        return [text for value in node.values() for text in _texts(value)]
    return [text for item in node for text in _texts(item)] if isinstance(node, list) else [str(node)]


FRAGMENTS = [
    *("SELECT", "*", "FROM", "WHERE", "WITH", "AS", "JOIN", "ON", "true", "LATERAL", "UNNEST"),
    *(
        "VALUES",
        "OVER",
        "CAST",
        "INTO",
        "TABLE",
        "ATTACH",
        "COPY",
        "PRAGMA",
        "(",
        ")",
        ",",
        ";",
        "--",
        "/*",
        "*/",
        "'",
    ),
    *(
        '"',
        ".",
        "::",
        "1",
        "5m",
        "x",
        "t1",
        "iot",
        "main",
        "memory",
        "timestream",
        "secrets",
        "text",
        "rowid",
        "\\",
        "\0",
    ),
    *("GROUP BY", "ORDER BY", "UNION ALL", SENSORS, "iot.fleet", "count(*)", "measure_value::double"),
    *(
        "main.secrets",
        "memory.main.secrets",
        "information_schema.tables",
        "duckdb_tables()",
        "COLUMNS('text')",
    ),
    *("read_text('FILE')", "'FILE'", "query('SELECT * FROM secrets')", "query_table('secrets')"),
    *("(SELECT text FROM secrets)", "secrets AS (SELECT 1 AS text)", "x AS (SELECT * FROM secrets)"),
]


@given(st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=14), st.sampled_from([" ", "", "\n"]))
@settings(max_examples=400, deadline=None)
def test_fragments_in_any_order_betray_nothing(ask: Ask, fragments: list[str], between: str) -> None:
    statement = between.join(fragments).replace("FILE", __file__)
    try:
        answer = ask(statement)
    except ValidationException:
        return
    assert not any("TOP-SECRET" in text or "SPDX" in text for text in _texts(answer.rows))


ATOMS = [
    *("1", "'x'", "x.time", "x.device_id", "rowid", "text", "x.text", "secrets.text", "main.secrets.text"),
    *("read_text('FILE')", "getenv('HOME')", "(SELECT text FROM secrets)", "_us(x.time)"),
]
EXPRESSIONS = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.builds("({} || {})".format, inner, inner),
        st.builds("coalesce({}, {})".format, inner, inner),
        st.builds("(SELECT max({}) FROM iot.fleet f)".format, inner),
        st.builds("CASE WHEN {} IS NULL THEN {} END".format, inner, inner),
        st.builds("lag({}) OVER (ORDER BY {})".format, inner, inner),
    ),
    max_leaves=4,
)
SOURCES = [
    f"{SENSORS} x",
    "iot.fleet x",
    "secrets x",
    "main.secrets x",
    "read_csv('FILE') x",
    "(SELECT * FROM secrets) x",
    "iot.fleet x, secrets",
    "iot.fleet x CROSS JOIN UNNEST(ARRAY[1]) AS u(text)",
]
PREFIXES = [
    "",
    "WITH secrets AS (SELECT 'mine' AS text)",
    "WITH y AS (SELECT * FROM secrets)",
    "WITH a AS (WITH secrets AS (SELECT 1 AS text) SELECT * FROM secrets)",
]


@given(st.sampled_from(PREFIXES), EXPRESSIONS, st.sampled_from(SOURCES), EXPRESSIONS)
@settings(max_examples=300, deadline=None)
def test_well_formed_queries_with_attacks_inside_betray_nothing(
    ask: Ask, prefix: str, expression: str, source: str, condition: str
) -> None:
    statement = f"{prefix} SELECT {expression} FROM {source} WHERE {condition} IS NOT NULL"
    try:
        answer = ask(statement.replace("FILE", __file__))
    except ValidationException:
        return
    assert not any("TOP-SECRET" in text or "SPDX" in text for text in _texts(answer.rows))


VALUES = [
    *(
        "NULL",
        "0",
        "-1",
        "2.5",
        "1e300",
        "nan()",
        "9223372036854775807",
        "''",
        "'a'",
        "'2022-01-01'",
        "5m",
        "1y",
    ),
    *(
        "true",
        "now()",
        "current_date",
        "ARRAY[]",
        "ARRAY[1, NULL]",
        "ARRAY['a']",
        "ARRAY[ROW(1)]",
        "ROW(1, 'a')",
    ),
    *("(1, 2)", "map(ARRAY['a'], ARRAY[1])", "create_time_series(now(), 1)", "CAST(NULL AS ROW(a bigint))"),
    *("x", "t.c", "time", "rowid", "text", "secrets.text", "*", "x -> x", "(x, y) -> x || y", "@p"),
    *(
        "count(*)",
        "sum(1) OVER ()",
        "rank() OVER ()",
        "(SELECT 1)",
        "(SELECT text FROM secrets)",
        "(VALUES 1, 2)",
    ),
    *("read_text('FILE')", "getenv('HOME')", "current_setting('home_directory')", "timestream._us(now())"),
    *("query('SELECT * FROM secrets')", "(SELECT count(*) FROM duckdb_tables())", "\\", "'\0'"),
]
"""What may stand wherever a statement has a value."""

CALLS = [
    *functions.OVERLOADS,
    *functions.AGGREGATES,
    *functions.BUILT,
    *lambdas.HIGHER_ORDER,
    *library.ENGINE,
]

_TOKEN = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|\d+\.?\d*[a-zA-Z]*|\w+::\w+|\w+|->|<>|<=|>=|\|\||\S")
_IS_VALUE = re.compile(r"['\d]")

KNOWN = [
    _TOKEN.findall(example.query)
    for page in reference().values()
    for function in page.functions
    for example in function.examples
]


@st.composite
def changed_statements(draw: st.DrawFn) -> str:
    """A statement of the reference with up to three changes, perhaps within UNLOAD or another query."""
    tokens = list(draw(st.sampled_from(KNOWN)))
    for _ in range(draw(st.integers(1, 3))):
        values = [i for i, token in enumerate(tokens) if _IS_VALUE.match(token)]
        calls = [i for i, token in enumerate(tokens[:-1]) if tokens[i + 1] == "(" and token.isidentifier()]
        change = draw(st.sampled_from(["value", "value", "wrap", "call", "drop", "insert", "repeat"]))
        if change == "value" and values:
            tokens[draw(st.sampled_from(values))] = draw(st.sampled_from(VALUES))
        elif change == "wrap" and values:
            place = draw(st.sampled_from(values))
            others = draw(st.lists(st.sampled_from(VALUES), max_size=2))
            tokens[place] = f"{draw(st.sampled_from(CALLS))}({', '.join([tokens[place], *others])})"
        elif change == "call" and calls:
            tokens[draw(st.sampled_from(calls))] = draw(st.sampled_from(CALLS))
        elif tokens:
            place = draw(st.integers(0, len(tokens) - 1))
            more = draw(st.sampled_from([*FRAGMENTS, *VALUES])) if change == "insert" else tokens[place]
            tokens[place : place + 1] = [] if change == "drop" else [tokens[place], more]
    around = draw(
        st.sampled_from(["{}", "{}", "UNLOAD ({}) TO 's3://b/f'", "WITH q AS ({}) SELECT * FROM q"])
    )
    return around.format(" ".join(tokens)).replace("FILE", __file__)


@given(changed_statements())
@settings(max_examples=600, deadline=None)
def test_a_changed_statement_is_answered_or_refused_and_betrays_nothing(ask: Ask, statement: str) -> None:
    try:
        answer = ask(statement)
    except ValidationException:
        return
    assert not any("TOP-SECRET" in text or "SPDX" in text for text in _texts(answer.rows))


TYPES = st.recursive(
    st.sampled_from(["bigint", "double", "varchar", "boolean", "timestamp", "date", "blob", "json", "t1"]),
    lambda inner: st.one_of(
        st.builds("ARRAY({})".format, inner),
        st.builds("MAP(varchar, {})".format, inner),
        st.builds("ROW(a {}, b {})".format, inner, inner),
        st.builds("ROW({})".format, inner),
    ),
    max_leaves=4,
)
TERMS = st.recursive(
    st.sampled_from([*VALUES, "f.model", "f.time", "e", "u.a", "u.b"]),
    lambda inner: st.one_of(
        st.builds("{}({})".format, st.sampled_from(CALLS), inner),
        st.builds("{}({}, {})".format, st.sampled_from(CALLS), inner, inner),
        st.builds("{}({}, e -> {})".format, st.sampled_from([*lambdas.HIGHER_ORDER]), inner, inner),
        st.builds("reduce({}, {}, (s, e) -> {}, s -> {})".format, inner, inner, inner, inner),
        st.builds("CAST({} AS {})".format, inner, TYPES),
        st.builds(
            "{} {} {}".format, inner, st.sampled_from(["+", "-", "*", "/", "||", "=", "<", "AND"]), inner
        ),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("({}).a".format, inner),
        st.builds("ARRAY[{}, {}]".format, inner, inner),
        st.builds("ROW({}, {})".format, inner, inner),
        st.builds("CASE {} WHEN {} THEN {} END".format, inner, inner, inner),
        st.builds("{} IN ({}, {})".format, inner, inner, inner),
        st.builds("{} BETWEEN {} AND {}".format, inner, inner, inner),
        st.builds("(SELECT {} FROM iot.fleet e)".format, inner),
        st.builds("sum({}) FILTER (WHERE {})".format, inner, inner),
        st.builds(
            "max({}) OVER (ORDER BY {} RANGE BETWEEN {} PRECEDING AND CURRENT ROW)".format,
            inner,
            inner,
            inner,
        ),
    ),
    max_leaves=6,
)


@given(
    TERMS,
    TERMS,
    TERMS,
    st.sampled_from(["", "GROUP BY 1", "GROUP BY ROLLUP (f.model)", "ORDER BY 1", "LIMIT 1"]),
)
@settings(max_examples=500, deadline=None)
def test_any_terms_are_answered_or_refused_and_betray_nothing(
    ask: Ask, term: str, array: str, condition: str, end: str
) -> None:
    statement = (
        f"SELECT {term} FROM iot.fleet f CROSS JOIN UNNEST({array}) WITH ORDINALITY AS u(a, b) "
        f"WHERE {condition} IS NOT NULL {end}"
    )
    try:
        answer = ask(statement.replace("FILE", __file__))
    except ValidationException:
        return
    assert not any("TOP-SECRET" in text or "SPDX" in text for text in _texts(answer.rows))
