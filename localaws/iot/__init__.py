# SPDX-License-Identifier: MIT
"""The rules engine of AWS IoT Core: which rules a message fires, with which payload, into which actions.

    values.py             the values rule SQL knows, and its conversions between them
    operators.py          + - * / % = <> < <= > >= AND OR NOT IN
    dates.py              date patterns of parse_time() and time_to_epoch()
    functions.py          the functions, each with the SQL versions that have it
    grammar.lark          the language
    compiler.py           a statement or an expression, from its text to closures
    sql.py                a rule's statement and a template's expression, over messages
    template.py           ${...} in an action's parameters
    topics.py             MQTT topic filters and Basic Ingest
    timestream_action.py  a rule's payload as a WriteRecords request
    engine.py             rules, actions, error actions

Source: https://docs.aws.amazon.com/iot/latest/developerguide/iot-rules.html
"""
