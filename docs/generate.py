# SPDX-License-Identifier: MIT
"""`python -m docs.generate` writes the pages of docs/ that are made from something else (`make docs`).

The reference of SQL is made from tests/unit/localaws/timestream/sql/reference/*.yml, a file for each page of
Timestream's developer guide, whose examples run as tests; the table of operations from
tests/unit/localaws/timestream/operations.yml, whose calls are made by a test; settings, roles and modules
from those themselves, see interfaces.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from botocore.loaders import Loader

from docs.interfaces import modules_page, roles_page, settings_page
from docs.markdown import code, table

ROOT = Path(__file__).parent.parent
TIMESTREAM = ROOT / "tests" / "unit" / "localaws" / "timestream"
REFERENCE = TIMESTREAM / "sql" / "reference"
GUIDE = "https://docs.aws.amazon.com/timestream/latest/developerguide"

Plain = str | None | list[Any] | dict[str, Any]
"""A value in plain terms: text as the answer prints it, None, a list, {row: [..]}, {time: .., value: ..}."""


@dataclass(frozen=True)
class Example:
    """A query and what it answers, or is refused with.

    :ivar type: the type of its column; where there are several, of each.
    :ivar rows: the values of each row; `answer` in the file stands for one row of one value.
    :ivar error: a part of the message it is refused with.
    """

    query: str
    type: list[str]
    rows: list[list[Plain]]
    error: str = ""


@dataclass(frozen=True)
class Function:
    """A function or an operator as the developer guide lists it.

    :ivar unsupported: why it can't be had, if so; its examples are then refused by its name.
    """

    signature: str
    returns: str
    about: str
    examples: list[Example]
    unsupported: str = ""

    @property
    def name(self) -> str:
        """Its name, without arguments."""
        return self.signature.partition("(")[0].strip().lower()


@dataclass(frozen=True)
class Page:
    """A page of the developer guide.

    :ivar page: its address.
    :ivar note: what else is to be said of it: where answers come from that the page does not state.
    """

    page: str
    title: str
    functions: list[Function]
    note: str = ""


@dataclass(frozen=True)
class Operation:
    """An operation of Timestream's APIs.

    :ivar about: what there is of it.
    :ivar request: a call that succeeds.
    :ivar refused: the name of the error that it is always refused with, if it isn't there.
    """

    operation: str
    about: str
    request: dict[str, Any] = field(default_factory=dict)
    refused: str = ""


class _Texts(yaml.SafeLoader):
    """Everything but null is text, as it is written: `3.0`, `true`, `2022-01-01`."""


_Texts.yaml_implicit_resolvers = {
    first: [resolver for resolver in resolvers if resolver[0].endswith(":null")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def reference() -> dict[str, Page]:
    """The pages of the reference of SQL, by the names of their files."""
    return {
        file.stem: _page(_Texts(file.read_text()).get_single_data())
        for file in sorted(REFERENCE.glob("*.yml"))
    }


def _page(data: dict[str, Any]) -> Page:
    functions = [_function(function) for function in data.pop("functions")]
    return Page(functions=functions, **data)


def _function(data: dict[str, Any]) -> Function:
    return Function(**data | {"examples": [_example(example) for example in data["examples"]]})


def _example(data: dict[str, Any]) -> Example:
    rows = [[data.pop("answer")]] if "answer" in data else data.pop("rows", [])
    types = data.pop("type", [])
    return Example(type=types if isinstance(types, list) else [types], rows=rows, **data)


def operations() -> list[Operation]:
    """The operations, in an order in which the calls succeed."""
    return [Operation(**each) for each in yaml.safe_load((TIMESTREAM / "operations.yml").read_text())]


def operations_page() -> str:
    """What there is of each operation of both APIs."""
    loader, listed = Loader(), {each.operation: each for each in operations()}
    there = sum(not each.refused for each in listed.values())
    lines = [
        "# Timestream's operations, as the embedded one has them",
        "",
        "Every operation of both service models. A test makes a call of each, see",
        "`tests/unit/localaws/timestream/operations.yml`. `make docs` makes this page.",
        "",
        f"Works: {there} of {len(listed)}.",
    ]
    for api, prefix in (("timestream-write", "API_"), ("timestream-query", "API_query_")):
        names = sorted(loader.load_service_model(api, "service-2")["operations"])
        rows = (
            (
                f"[{name}]({GUIDE}/{prefix}{name}.html)",
                listed[name].about + (f" Refused: {listed[name].refused}." if listed[name].refused else ""),
            )
            for name in names
        )
        lines += ["", f"## {api}", "", *table(("Operation", "What there is"), rows)]
    return "\n".join(lines) + "\n"


def sql() -> str:
    """The reference of SQL."""
    pages = reference().values()
    functions = [function for page in pages for function in page.functions]
    lines = [
        "# Timestream's SQL, as the embedded one has it",
        "",
        "Every function and operator of the developer guide, an example of each, and its state. All examples",
        "run as tests, from `tests/unit/localaws/timestream/sql/reference/`. `make docs` makes this page.",
        "",
        f"Works: {sum(not f.unsupported for f in functions)} of {len(functions)}.",
    ]
    for page in pages:
        lines += [
            "",
            f"## {page.title}",
            "",
            f"[Source]({page.page}). {page.note}".strip(),
            "",
        ]
        lines += table(
            ("Function", "Returns", "What it does", "Example", "Answer", "State"), map(_row, page.functions)
        )
    return "\n".join(lines) + "\n"


def _row(function: Function) -> tuple[str, ...]:
    example = function.examples[0]
    state = f"not supported: {function.unsupported}" if function.unsupported else "works"
    return (
        code(function.signature),
        function.returns,
        function.about,
        code(example.query.removeprefix("SELECT ")),
        "" if function.unsupported else _answer(example),
        state,
    )


def _answer(example: Example) -> str:
    if example.error:
        return f"refused: {example.error}"
    return "<br>".join(code(", ".join(map(_shown, row))) for row in example.rows)


def _shown(value: Plain) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, dict):
        return (
            f"({', '.join(map(_shown, value['row']))})"
            if "row" in value
            else f"{value['time']}: {_shown(value['value'])}"
        )
    return "null" if value is None else value


PAGES: dict[str, Callable[[], str]] = {
    "reference/modules.md": modules_page,
    "reference/operations.md": operations_page,
    "reference/roles.md": roles_page,
    "reference/settings.md": settings_page,
    "reference/sql.md": sql,
}
"""What makes each page, by its place in docs/."""


def main() -> None:
    """Write every page."""
    for name, text in PAGES.items():
        file = ROOT / "docs" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text())


if __name__ == "__main__":
    main()
