# SPDX-License-Identifier: MIT
"""The examples and tables of https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-functions.html."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localaws.iot.errors import SqlParseError
from localaws.iot.functions import FUNCTIONS
from localaws.iot.message import Message
from localaws.iot.sql import compile_expression
from localaws.iot.values import UNDEFINED, Value

Evaluate = Callable[..., Value]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abs(-5)", 5),
        ('abs("-5.123")', Decimal("5.123")),
        ("acos(0)", Decimal("1.5707963267948966")),
        ("atan2(1, 0)", Decimal("1.5707963267948966")),
        ("bitand(13, 5)", 5),
        ("bitor(8, 5)", 13),
        ("bitxor(13, 5)", 8),
        ("bitnot(13)", -14),
        ("bitand(13.9, '5.2')", 5),
        ("cast(true as Int)", 1),
        ("ceil(1.2)", 2),
        ("ceil(-1.2)", -1),
        ("chr(65)", "A"),
        ("chr(49)", "1"),
        ("concat([1, 2, 3], 4)", [1, 2, 3, 4]),
        ('concat([1, 2, 3], "hello")', [1, 2, 3, "hello"]),
        ('concat("con", "cat")', "concat"),
        ('concat(1, "hello")', "1hello"),
        ('concat("he","is","man")', "heisman"),
        ('concat([1, 2, 3], "hello", [4, 5, 6])', [1, 2, 3, "hello", 4, 5, 6]),
        ("concat()", UNDEFINED),
        ("cosh(2.3)", Decimal("5.037220649268761")),
        ('endswith("cat","at")', True),
        ("floor(1.2)", 1),
        ("floor(-1.2)", -2),
        ('get(["a", "b", "c"], 1)', "b"),
        ('get({"a":"b"}, "a")', "b"),
        ('md5("hello")', "5d41402abc4b2a76b9719d911017c592"),
        ('indexof("abcd", "bc")', 1),
        ("isNull(5)", False),
        ("isNull(Null)", True),
        ("isNull(absent)", False),
        ("isUndefined(5)", False),
        ("isUndefined(null)", False),
        ("isUndefined(floor([1,2,3]))", True),
        ('length("hi")', 2),
        ("length(false)", 5),
        ('lower("HELLO")', "hello"),
        ('lower(["HELLO"])', '["hello"]'),
        ('lpad("hello", 2)', "  hello"),
        ("lpad(1, 3)", "   1"),
        ('Ltrim(" h i ")', "h i "),
        ("mod(8, 3)", 2),
        ("Nanvl(8, 3)", 8),
        ("nanvl(absent, 3)", 3),
        ("nanvl(null, 3)", 3),
        ("nanvl('x', 3)", "x"),
        ('numbytes("hi")', 2),
        ('numbytes("€")', 3),
        ('regexp_matches("aaaa", "a{2,}")', True),
        ('regexp_matches("aaaa", "b")', False),
        ('regexp_matches("aaaa", "(")', UNDEFINED),
        ('regexp_replace("abcd", "bc", "x")', "axd"),
        ('regexp_replace("abcd", "b(.*)d", "$1")', "ac"),
        ('regexp_replace("abcd", "b", "$1")', UNDEFINED),
        ('regexp_substr("hihihello", "hi")', "hi"),
        ('regexp_substr("hihihello", "(hi)*")', "hihi"),
        ("remainder(8, 3)", 2),
        ('replace("abcd", "bc", "x")', "axd"),
        ('replace("abcdabcd", "b", "x")', "axcdaxcd"),
        ('rpad("hello", 2)', "hello  "),
        ("rpad(1, 3)", "1   "),
        ("Round(1.2)", 1),
        ("Round(1.5)", 2),
        ("Round(1.7)", 2),
        ("Round(-1.1)", -1),
        ("Round(-1.5)", -2),
        ('rtrim(" h i ")', " h i"),
        ("sign(-7)", -1),
        ("sign(0)", 0),
        ("sign(13)", 1),
        ("sinh(2.3)", Decimal("4.936961805545957")),
        ('substring("012345", 0)', "012345"),
        ('substring("012345", 2)', "2345"),
        ('substring("012345", 2.745)', "2345"),
        ("substring(123, 2)", "3"),
        ('substring("012345", -1)', "012345"),
        ("substring(true, 1.2)", "rue"),
        ("substring(false, -2.411E247)", "false"),
        ('substring("012345", 1, 3)', "12"),
        ('substring("012345", -50, 50)', "012345"),
        ('substring("012345", 3, 1)', ""),
        ("sql_version()", "2016-03-23"),
        ('startswith("ranger","ran")', True),
        ("tan(3)", Decimal("-0.1425465430742778")),
        ("tanh(2.3)", Decimal("0.9800963962661914")),
        ('time_to_epoch("18 December 2015", "dd MMMM yyyy")', 1450396800000),
        ('time_to_epoch("2020-04-03 09:45:18 UTC+01:00", "yyyy-MM-dd HH:mm:ss VV")', 1585903518000),
        (
            'parse_time("yyyy.MM.dd G \'at\' HH:mm:ss z", 100000000, "America/Belize")',
            "1970.01.01 AD at 21:46:40 CST",
        ),
        ("topic()", "topic/sensors"),
        ("topic(1)", "topic"),
        ("topic(3)", UNDEFINED),
        ('Trim(" hi ")', "hi"),
        ("trunc(2.3, 0)", 2),
        ("trunc(2.3123, 2)", Decimal("2.31")),
        ("trunc(2.888, 2)", Decimal("2.88")),
        ("trunc(2.00, 5)", 2),
        ('upper("hello")', "HELLO"),
        ('upper(["hello"])', '["HELLO"]'),
        ('decode("eyAidGVtcGVyYXR1cmUiOiAzMyB9Cg==", "base64").temperature', 33),
        ('decode("aGVsbG8=", "base64")', "hello"),
        ('decode("?", "base64")', None),
        ("encode('hello', 'base64')", "aGVsbG8="),
        ("get_or_default(absent, 7)", 7),
        ('transform("enrichArray", {"key": 1}, [{"a": 3}])', [{"a": 3, "key": 1}]),
        ('transform("other", {"key": 1}, [{"a": 3}])', UNDEFINED),
    ],
)
def test_documented(evaluate: Evaluate, text: str, expected: Any) -> None:
    result = evaluate(text)
    assert (type(result), result) == (type(expected), expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("asin(0)", "0.0"),
        ("atan(0)", "0.0"),
        ("cos(0)", "1.0"),
        ("exp(0)", "1.0"),
        ("ln(1)", "0.0"),
        ("log(100)", "2.0"),
        ("power(2, 5)", "32.0"),
        ("sin(0)", "0.0"),
        ("sqrt(9)", "3.0"),
    ],
)
def test_functions_in_double_precision_yield_decimals(evaluate: Evaluate, text: str, expected: str) -> None:
    result = evaluate(text, version="2015-10-08")
    assert isinstance(result, Decimal)
    assert str(result) == expected


@pytest.mark.parametrize("text", ["sqrt(-1)", "acos(2)", "ln(0)", "log(-1)", "power(0, -1)", "exp(1000)"])
def test_imaginary_and_infinite_results_are_undefined(evaluate: Evaluate, text: str) -> None:
    assert evaluate(text) is UNDEFINED


@pytest.mark.parametrize("name", ["abs", "ceil", "floor", "round", "sign", "sin", "sqrt", "bitnot", "chr"])
@pytest.mark.parametrize("argument", ["true", "'x'", "[1]", "{'a': 1}", "null", "absent"])
def test_what_is_no_number_makes_a_function_of_numbers_undefined(
    evaluate: Evaluate, name: str, argument: str
) -> None:
    assert evaluate(f"{name}({argument})") is UNDEFINED


@pytest.mark.parametrize("name", ["upper", "lower", "trim", "ltrim", "rtrim", "length", "numbytes", "md5"])
@pytest.mark.parametrize("argument", ["null", "absent"])
def test_null_and_undefined_have_no_text(evaluate: Evaluate, name: str, argument: str) -> None:
    assert evaluate(f"{name}({argument})") is UNDEFINED


@pytest.mark.parametrize("text", ["abs()", "abs(1, 2)", "topic(1, 2)", "newuuid(1)", "substring('a')"])
def test_a_wrong_number_of_arguments_is_undefined(evaluate: Evaluate, text: str) -> None:
    assert evaluate(text) is UNDEFINED


def test_padding_stops_at_a_thousand_spaces(evaluate: Evaluate) -> None:
    assert evaluate("length(lpad('', 5000))") == 1000
    assert evaluate("rpad('a', -3)") == "a"
    assert evaluate("rpad('a', true)") is UNDEFINED


@given(st.text())
def test_hashes_are_of_utf8(evaluate: Evaluate, text: str) -> None:
    raw = text.encode()
    assert evaluate("sha256(t)", {"t": text}) == hashlib.sha256(raw).hexdigest()
    assert evaluate("sha1(t)", {"t": text}) == hashlib.sha1(raw, usedforsecurity=False).hexdigest()


@given(st.text().filter(lambda text: not _is_json(text)))
def test_decode_turns_encode_back(evaluate: Evaluate, text: str) -> None:
    assert evaluate("decode(encode(t, 'base64'), 'base64')", {"t": text}) == text


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def test_half_of_a_surrogate_pair_is_a_question_mark(evaluate: Evaluate) -> None:
    assert evaluate("encode(t, 'base64')", {"t": "\ud800"}) == "Pw=="
    assert evaluate("md5(t) = md5('?')", {"t": "\ud800"}) is True
    assert evaluate("numbytes(t)", {"t": "\ud800"}) == 1


def test_encode_takes_any_payload_whole() -> None:
    encode = compile_expression("encode(*, 'base64')", "2016-03-23")
    assert encode(Message("t", b"\xff\x00")) == "/wA="
    assert encode(Message("t", b'{"a": 1.0}')) == "eyJhIjogMS4wfQ=="


def test_what_a_message_says_of_itself() -> None:
    mqtt = Message("a/b", b"", "123456789012", "device-1", "thumbprint", "192.0.2.1", 1481825251155, "trace")
    http = Message("$aws/rules/BuildingManager/Buildings/Building5/Floor2", b"")

    def value(text: str, message: Message) -> Value:
        return compile_expression(text, "2015-10-08")(message)

    assert value("accountid()", mqtt) == "123456789012"
    assert value("clientId()", mqtt) == "device-1"
    assert value("clientid()", http) == "n/a"
    assert value("principal()", mqtt) == "thumbprint"
    assert value("principal()", http) is UNDEFINED
    assert value("sourceip()", mqtt) == "192.0.2.1"
    assert value("timestamp()", mqtt) == 1481825251155
    assert value("traceid()", mqtt) == "trace"
    assert value("topic()", http) == "Buildings/Building5/Floor2"
    assert value("topic(3)", http) == "Floor2"


def test_random_ones(evaluate: Evaluate) -> None:
    assert uuid.UUID(str(evaluate("newuuid()")))
    number = evaluate("rand()")
    assert isinstance(number, Decimal)
    assert 0 <= number < 1


# From AWS's page: all other functions are "supported by SQL version 2015-10-08 and later".
SINCE_2016 = {
    "decode",
    "encode",
    "get_or_default",
    "indexof",
    "isundefined",
    "length",
    "numbytes",
    "parse_time",
}
SINCE_2016 |= {"time_to_epoch", "transform"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_refused_by_versions_that_lack_it(name: str) -> None:
    compile_expression(f"{name}()", "2016-03-23")
    compile_expression(f"{name}()", "beta")
    if name in SINCE_2016:
        with pytest.raises(SqlParseError, match=f"2015-10-08 does not have {name}"):
            compile_expression(f"{name}()", "2015-10-08")
    else:
        compile_expression(f"{name}()", "2015-10-08")


@pytest.mark.parametrize(
    "name", ["aws_lambda", "get_dynamodb", "get_thing_shadow", "machinelearning_predict"]
)
def test_functions_that_call_other_services_are_refused(name: str) -> None:
    with pytest.raises(SqlParseError, match=f"{name}.* is not available"):
        compile_expression(f"{name}('a')", "2016-03-23")


@pytest.mark.parametrize("text", ["isString(a)", "nope()", "encode(a, 'hex')", "upper(*)"])
def test_what_no_function_does_is_refused(text: str) -> None:
    with pytest.raises(SqlParseError):
        compile_expression(text, "2016-03-23")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cast(1 as String)", "1"),
        ("cast(1.50 as varchar)", "1.50"),
        ("cast(true as Text)", "true"),
        ("cast(array as Nvarchar)", '[1,"a"]'),
        ("cast(null as Ntext)", UNDEFINED),
        ("cast(1.9 as Int)", 1),
        ("cast(-1.1 as Integer)", -2),
        ("cast('2.7' as Int)", 2),
        ("cast(false as Int)", 0),
        ("cast('x' as Int)", UNDEFINED),
        ("cast(null as Int)", UNDEFINED),
        ("cast(25 as Double)", Decimal("25.0")),
        ("cast('5E-1' as Double)", Decimal("0.5")),
        ("cast(true as Double)", Decimal("1.0")),
        ("cast(array as Double)", UNDEFINED),
    ],
)
def test_cast(evaluate: Evaluate, text: str, expected: Any) -> None:
    result = evaluate(text, {"array": [1, "a"]}, "2015-10-08")
    assert (type(result), result) == (type(expected), expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cast(10.0 as Decimal)", 10),
        ("cast('1.25' as Decimal)", Decimal("1.25")),
        ("cast(0 as Boolean)", False),
        ("cast(0.5 as Bool)", True),
        ("cast('TRUE' as Boolean)", True),
        ("cast('1' as Boolean)", UNDEFINED),
        ("cast(null as Boolean)", UNDEFINED),
    ],
)
def test_casts_of_2016(evaluate: Evaluate, text: str, expected: Any) -> None:
    result = evaluate(text)
    assert (type(result), result) == (type(expected), expected)
    with pytest.raises(SqlParseError, match="2015-10-08 does not have cast"):
        evaluate(text, version="2015-10-08")


def test_a_cast_to_an_unknown_type_is_refused() -> None:
    with pytest.raises(SqlParseError, match="knows no type 'blob'"):
        compile_expression("cast(a as blob)", "2016-03-23")
