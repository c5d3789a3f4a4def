# SPDX-License-Identifier: MIT
"""The syntax that may run: an allow-list of the kinds of nodes in the tree, and of the parts of each.

sqlglot reads the syntax of many databases. Whatever is not named here (a kind of node, a part of one, a
word in it) is refused by name, so nothing new in a later sqlglot slips through to the engine.

Source: https://docs.aws.amazon.com/timestream/latest/developerguide/supported-sql-constructs.html
"""

from __future__ import annotations

from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError, TokenError

from localaws.errors import ValidationException
from localaws.timestream.sql.dialect import Timestream, Unload
from localaws.timestream.sql.problems import problem

_BINARY = "this expression"
_QUERY = "with_ order limit offset"

PARTS: dict[type[exp.Expr], str] = {
    # statements and queries
    exp.Describe: "this",
    exp.Show: "name this like",
    Unload: "this target expressions",
    exp.Select: f"{_QUERY} expressions distinct from_ joins where group having windows",
    exp.Union: f"{_QUERY} this expression distinct",
    exp.Intersect: f"{_QUERY} this expression distinct",
    exp.Except: f"{_QUERY} this expression distinct",
    exp.Subquery: f"{_QUERY} this alias",
    exp.With: "expressions",
    exp.CTE: "this alias",
    # sources of rows
    exp.From: "this",
    exp.Join: "this kind side method on using",
    exp.Table: "this db alias",
    exp.TableAlias: "this columns",
    exp.Unnest: "expressions alias offset",
    exp.Values: "expressions alias",
    # clauses
    exp.Where: "this",
    exp.Group: "all expressions grouping_sets cube rollup",
    exp.GroupingSets: "expressions",
    exp.Cube: "expressions",
    exp.Rollup: "expressions",
    exp.Having: "this",
    exp.Order: "this expressions",
    exp.Ordered: "this desc nulls_first",
    exp.Limit: "expression",
    exp.Offset: "expression",
    exp.Distinct: "expressions",
    exp.Window: "this partition_by order spec over alias",
    exp.WindowSpec: "kind start start_side end end_side",
    exp.Filter: "this expression",
    exp.IgnoreNulls: "this",
    exp.RespectNulls: "this",
    # names and values
    exp.Alias: "this alias",
    exp.Column: "this table db catalog",
    exp.Identifier: "this quoted",
    exp.Parameter: "this",
    exp.Star: "",
    exp.Dot: _BINARY,
    exp.Literal: "this is_string",
    exp.Boolean: "this",
    exp.Null: "",
    exp.Interval: "this unit",
    exp.Var: "this",
    exp.Array: "expressions",
    exp.Tuple: "expressions",
    exp.Bracket: "this expressions",
    exp.Paren: "this",
    # conditions
    **dict.fromkeys((exp.And, exp.Or, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE), _BINARY),
    exp.NullSafeEQ: _BINARY,
    exp.NullSafeNEQ: _BINARY,
    exp.Not: "this",
    exp.Is: _BINARY,
    exp.Between: "this low high",
    exp.In: "this expressions query",
    exp.Like: "this expression negate",
    exp.Escape: _BINARY,
    exp.Exists: "this",
    exp.Any: "this",
    exp.All: "this",
    # expressions
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul, exp.Mod, exp.DPipe), f"{_BINARY} safe"),
    exp.Div: f"{_BINARY} typed safe",
    exp.Neg: "this",
    exp.Case: "this ifs default",
    exp.If: "this true false",
    exp.Cast: "this to",
    exp.TryCast: "this to safe",
    exp.DataType: "this expressions nested",
    exp.DataTypeParam: "this",
    exp.ColumnDef: "this kind",
    exp.Lambda: "this expressions",
    exp.Extract: "this expression",
    exp.StrPosition: "this substr",
    exp.Anonymous: "this expressions",
}

_GROUPINGS = (exp.Group, exp.GroupingSets)

WORDS: dict[tuple[type[exp.Expr], str], set[str]] = {
    (exp.Join, "kind"): {"CROSS", "INNER", "OUTER"},
    (exp.Join, "side"): {"LEFT", "RIGHT", "FULL"},
    (exp.Join, "method"): {"NATURAL"},
}

MOST_CHARACTERS = 262144
"""The length of a QueryString, from the service model's documentation of quotas."""


def parse(statement: str) -> exp.Expr:
    """The one statement of a text, a query, SHOW, DESCRIBE or UNLOAD, all of it within the allow-list.

    :raises ValidationException: anything else.
    """
    if len(statement) > MOST_CHARACTERS:
        raise ValidationException(f"QueryString must be at most {MOST_CHARACTERS} characters long")
    try:
        statements = [tree for tree in sqlglot.parse(statement, dialect=Timestream) if tree is not None]
    except (SqlglotError, TokenError) as error:
        raise _syntax_error(error) from None
    statements = [tree for tree in statements if not isinstance(tree, exp.Semicolon)]
    if len(statements) != 1:
        raise ValidationException(f"Expected one statement, found {len(statements)}")
    tree = statements[0]
    if not (_is_query(tree) or isinstance(tree, exp.Show | exp.Describe | Unload)):
        raise problem(
            statement, tree, "Only SELECT, SHOW, DESCRIBE and UNLOAD statements are supported", syntax=True
        )
    if isinstance(tree, Unload) and not _is_query(tree.this):
        raise problem(statement, tree.this, "Only a query can be unloaded", syntax=True)
    _check(statement, tree)
    return tree


def parameters(tree: exp.Expr) -> list[str]:
    """The names of the parameters in a statement, `x` for `@x`, in the order of their first mention."""
    return list(dict.fromkeys(node.name for node in tree.find_all(exp.Parameter, bfs=False)))


def _is_query(tree: exp.Expr) -> bool:
    return isinstance(tree, exp.Query | exp.Values) and not isinstance(tree, exp.Table)


def _syntax_error(error: Exception) -> ValidationException:
    details: list[dict[str, Any]] = getattr(error, "errors", [])
    if not details:
        return ValidationException("The query syntax is invalid: a quotation is not closed")
    first = details[0]
    word = first["highlight"]
    column = first["col"] - len(word) + 1  # sqlglot tells where the offending word ends
    near = f", near '{word}'" if word else ""
    return ValidationException(f"The query syntax is invalid at line {first['line']}:{column}{near}")


def _check(statement: str, tree: exp.Expr) -> None:
    for node in tree.walk():
        kind = type(node)
        if kind not in PARTS:
            raise problem(statement, node, f"{kind.__name__} is not supported", syntax=True)
        present = {part for part, value in node.args.items() if value not in (None, False, [])}
        if unknown := present - set(PARTS[kind].split()):
            raise problem(
                statement, node, f"{kind.__name__} with {min(unknown)} is not supported", syntax=True
            )
        if kind is exp.Star and not _is_counted_or_selected(node):
            raise problem(statement, node, "* is not supported here", syntax=True)
        if kind is exp.Select and not node.expressions:
            raise problem(statement, node, "SELECT without columns is not supported", syntax=True)
        if kind is exp.Bracket and len(node.expressions) != 1:
            raise problem(statement, node, "A subscript is one expression", syntax=True)
        if kind is exp.Tuple and not (node.expressions or isinstance(node.parent, _GROUPINGS)):
            raise problem(statement, node, "() is not supported here", syntax=True)
        for part in present:
            word = node.args[part]
            if (kind, part) in WORDS and word not in WORDS[kind, part]:
                raise problem(statement, node, f"{kind.__name__} {word} is not supported", syntax=True)


def _is_counted_or_selected(star: exp.Expr) -> bool:
    """Whether a star stands for a SELECT's columns, a table's or all, or for the rows in `count(*)`."""
    parent = star.parent
    if isinstance(parent, exp.Column):
        return isinstance(parent.parent, exp.Select) and parent.arg_key == "expressions"
    if isinstance(parent, exp.Select):
        return star.arg_key == "expressions"
    return isinstance(parent, exp.Anonymous) and parent.name.lower() == "count"
