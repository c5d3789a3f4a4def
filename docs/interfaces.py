# SPDX-License-Identifier: MIT
"""The pages on what a user hands the project: settings, roles' variables, modules' options.

Settings come from group_vars/ with their comments, what is allowed from the checks of the preflight; roles'
variables from their argument specs; modules' options from the modules' own documentation.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from docs.markdown import code, table
from vars_plugins.environment import SETTINGS

ROOT = Path(__file__).parent.parent
COLLECTION = ROOT / "collections" / "ansible_collections" / "timeseries" / "aws" / "plugins"
ENVIRONMENTS = ("local", "dev", "staging", "prod")
LONGEST_DEFAULT = 70

Options = dict[str, dict[str, Any]]


def settings_page() -> str:
    """Every setting, with its environment variable, default, and what is allowed."""
    settings, *others = re.split(r"\n# -+\n", _group_vars("all"))
    [places] = (part for part in others if "\n# Where: " in part)
    head = ("Setting", "Exported as", "Default", "Allowed", "What it is")
    lines = [
        "# Settings",
        "",
        "`group_vars/all.yml` has them for all environments, `group_vars/dev.yml`, `prod.yml` and so on for",
        "one. An exported variable beats the files, `-e setting=value` beats both. What is allowed is",
        "what the preflight accepts; it stops a run before anything is touched. `make docs` makes this page.",
        "",
        *table(head, _settings(settings)),
        "",
        "## Of a site",
        "",
        "In `inventory.yml`, by the site; its `aws_region` stands there too.",
        "",
        *table(head, _settings(places)),
    ]
    return "\n".join(lines) + "\n"


def _settings(text: str) -> Iterator[tuple[str, ...]]:
    """A row for each variable that has a comment, unless it is worked out from others."""
    own = {name: yaml.safe_load(_group_vars(name)) for name in ENVIRONMENTS}
    exported = {setting: variable for variable, setting in SETTINGS.items()}
    values, listed = yaml.safe_load(text), allowed()
    for name, comment in comments(text).items():
        if _worked_out(values[name]):
            continue
        elsewhere = (f"{env} {_value(its[name])}" for env, its in own.items() if name in its)
        yield (
            code(name),
            code(exported.get(name, "")),
            "; ".join([_value(values[name]), *elsewhere]),
            listed.get(name, ""),
            comment.removesuffix(f" {exported.get(name)}"),
        )


def _worked_out(value: Any) -> bool:
    """Whether a value is an expression, more than another variable's name."""
    return "{{" in _plain(value) and not re.fullmatch(r"{{ \w+ }}", _plain(value))


def allowed() -> dict[str, str]:
    """What the preflight allows of each setting that it lists."""
    return dict(_allowed(_load("playbooks/preflight.yml")[-1]))


def comments(text: str) -> dict[str, str]:
    """What the comment above variables of a YAML file says; a line between begins anew."""
    found: dict[str, str] = {}
    block: list[str] = []
    fresh = True  # the next comment is that of other variables
    for line in text.splitlines():
        if line.startswith("#"):
            block = [line[2:]] if fresh else [*block, line[2:]]
            fresh = False
        elif variable := re.match(r"([a-z]\w*):", line):
            found |= {variable.group(1): " ".join(block)} if block else {}
            fresh = True
        elif not line:
            block = []
    return found


def roles_page() -> str:
    """Every role's variables."""
    lines = [
        "# The roles",
        "",
        "Each stands alone: it is handed names and ARNs, reads no other role's results, and does both",
        "directions through `<role>_state`. Ansible checks what it is handed. `make docs` makes this page.",
    ]
    for specs in sorted(ROOT.glob("roles/*/meta/argument_specs.yml")):
        spec = yaml.safe_load(specs.read_text())["argument_specs"]["main"]
        lines += ["", f"## {specs.parent.parent.name}", "", *_prose(spec["short_description"])]
        lines += [*_prose(spec.get("description", [])), *_options(spec["options"], "Variable")]
    return "\n".join(lines) + "\n"


def modules_page() -> str:
    """Every module of the collection."""
    lines = [
        "# The collection timeseries.aws",
        "",
        "What amazon.aws and community.aws lack, or can't predict in check mode. A module that calls",
        "AWS takes amazon.aws's own options too: `region`, `profile`, `endpoint_url`, credentials.",
        "`make docs` makes this page.",
    ]
    for file in sorted(COLLECTION.glob("modules/*.py")):
        lines += ["", *_module(_constants(file))]
    return "\n".join(lines) + "\n"


def _module(constants: dict[str, str]) -> Iterator[str]:
    documentation = yaml.safe_load(constants["DOCUMENTATION"])
    used = documentation.get("extends_documentation_fragment", [])
    shared = _fragment() if "timeseries.aws.resource" in used else {}
    yield f"## {documentation['module']}\n"
    yield from _prose(documentation["short_description"])
    yield from _prose(documentation["description"])
    attributes = shared.get("attributes", {}) | documentation.get("attributes", {})
    modes = (f"{mode.replace('_', ' ')}: {support['support']}" for mode, support in attributes.items())
    tags = ["takes `tags` and `purge_tags`"] if "amazon.aws.tags.modules" in used else []
    yield from _prose("; ".join([*modes, *tags]).capitalize())
    yield from _options(documentation.get("options", {}) | shared.get("options", {}), "Option")
    yield f"\n```yaml\n{constants['EXAMPLES'].strip()}\n```\n"
    yield from _options(yaml.safe_load(constants["RETURN"]) or {}, "Returns")


def _constants(file: Path) -> dict[str, str]:
    """The texts that a Python module or its class assigns to names."""
    return {
        node.targets[0].id: node.value.value
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


def _fragment() -> dict[str, Any]:
    shared = _constants(COLLECTION / "doc_fragments" / "resource.py")
    return dict(yaml.safe_load(shared["DOCUMENTATION"]))


def _options(options: Options, head: str) -> list[str]:
    columns = (head, "Type", "When" if head == "Returns" else "Default", "What it is")
    return table(columns, _rows(options)) if options else []


def _rows(options: Options, parent: str = "") -> Iterator[tuple[str, ...]]:
    """A row an option, those of its members after it."""
    for name, option in options.items():
        kind = str(option["type"])
        if "elements" in option:
            kind += f" of {option['elements']}"
        when = "required" if option.get("required") else option.get("returned", "")
        default = _value(option["default"]) if "default" in option else _marked(when)
        choices = option.get("choices", [])
        what = [*_sentences(option["description"])]
        what += [f"One of {', '.join(code(_plain(choice)) for choice in choices)}."] if choices else []
        yield code(parent + name), kind, default, " ".join(what)
        members = option.get("options") or option.get("suboptions") or option.get("contains") or {}
        yield from _rows(members, f"{parent}{name}{'[]' if kind.startswith('list') else ''}.")


def _prose(text: str | list[str]) -> list[str]:
    sentences = list(_sentences(text))
    return [" ".join(sentences), ""] if sentences else []


def _sentences(text: str | list[str]) -> Iterator[str]:
    for sentence in [text] if isinstance(text, str) else text:
        yield _marked(sentence.strip() if sentence.rstrip().endswith((".", ":")) else f"{sentence.strip()}.")


def _marked(text: str) -> str:
    """Ansible's own markup as Markdown: C(code), O(option), V(value) and the like."""
    text = re.sub(r"\bU\(([^)]*)\)", r"<\1>", text)
    return re.sub(r"\b(?:[CEIMOVP]|RV)\(([^)]*)\)", lambda found: code(found.group(1)), text)


def _value(value: Any) -> str:
    """A default; a long one is for its file to show."""
    text = _plain(value)
    return "see the file" if len(text) > LONGEST_DEFAULT else code(text) or "none"


def _plain(value: Any) -> str:
    """A value as YAML has it in one line."""
    if value in ("", None, [], {}):
        return ""
    if isinstance(value, str):
        return value
    text: str = yaml.safe_dump(value, default_flow_style=True, width=10_000, sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...")


def _allowed(play: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """From loops over settings: of numbers, of choices, of patterns, of those that are true or false."""
    for item in (item for task in play["tasks"] for item in _looped(task)):
        match item:
            case {"name": name, "least": least, "most": most, "unit": unit}:
                yield name, f"{least} to {most} {unit}"
            case {"name": name, "allowed": list() | str() as values}:
                yield name, _listed(play["vars"], values)
            case str() as name:
                yield name, "true, false"


def _looped(task: dict[str, Any]) -> Iterable[Any]:
    loop = task.get("loop", [])
    return loop if isinstance(loop, list) and "ansible.builtin.assert" in task else []


def _listed(variables: dict[str, Any], values: list[Any] | str) -> str:
    """Choices, or the variable of the play that has them; or a sentence, as it is."""
    if isinstance(values, str) and (variable := re.fullmatch(r"{{ (\w+) }}", values)):
        values = variables[variable.group(1)]
    return ", ".join(map(_plain, values)) if isinstance(values, list) else values


def _group_vars(name: str) -> str:
    return (ROOT / "group_vars" / f"{name}.yml").read_text()


def _load(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text())
