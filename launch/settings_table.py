"""Every setting with its default and its effect, read from the classes and commands that define them."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path

from typer.core import TyperGroup, TyperOption

from launch.triton.installation import SETTING as TRITONSERVER


@dataclass(frozen=True)
class Setting:
    """One environment variable."""

    name: str
    default: str
    effect: str


@dataclass(frozen=True)
class SettingGroup:
    """The settings of one part of the service."""

    title: str
    settings: tuple[Setting, ...]


def settings_of(command_line: TyperGroup) -> list[SettingGroup]:
    """Return the settings of the engine, of the proxy, and the remaining ones of the commands."""
    from engine.settings import EngineSettings
    from proxy.settings import Settings

    engine = tuple(_of_class(EngineSettings, {each.name: each.default for each in fields(EngineSettings)}))
    proxy = tuple(_of_class(Settings, {name: each.default for name, each in Settings.model_fields.items()}))
    known = {setting.name for setting in (*engine, *proxy)}
    found = Setting(TRITONSERVER, "", "Path of tritonserver; by default it is searched for.")
    commands = tuple(setting for setting in _of_commands(command_line) if setting.name not in known)
    return [
        SettingGroup("Engine, in Triton", engine),
        SettingGroup("Proxy", proxy),
        SettingGroup("Command line", (*commands, found)),
    ]


def markdown(groups: list[SettingGroup]) -> str:
    """Return the groups as Markdown tables."""
    return "\n".join(line for group in groups for line in _table(group))


def _table(group: SettingGroup) -> Iterator[str]:
    yield f"| {group.title} | default | |"
    yield "|---|---|---|"
    for setting in group.settings:
        default = f"`{setting.default}`" if setting.default else ""
        yield f"| `{setting.name}` | {default} | {setting.effect} |"
    yield ""


def _of_class(settings: type, defaults: dict[str, object]) -> Iterator[Setting]:
    effects = _docstrings(settings)
    for name, default in defaults.items():
        yield Setting(f"SOPRANO_{name.upper()}", _shown(default), effects[name])


def _docstrings(settings: type) -> dict[str, str]:
    """Return the docstring below each field of a class, as one line."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(settings))).body
    statements = definition.body if isinstance(definition, ast.ClassDef) else []
    texts = {}
    for field, below in pairwise(statements):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str() as text)):
                texts[name] = " ".join(text.split("\n\n")[0].split())
    return texts


def _of_commands(group: TyperGroup) -> Iterator[Setting]:
    seen = set()
    for command in group.commands.values():
        for option in command.params:
            name = option.envvar
            if isinstance(option, TyperOption) and isinstance(name, str) and name not in seen:
                seen.add(name)
                yield Setting(name, _shown(option.default), option.help or "")


def _shown(default: object) -> str:
    match default:
        case None | frozenset() | "":
            return ""
        case bool():
            return str(default).lower()
        case Path():
            return default.name
        case float() if default.is_integer():
            return str(int(default))
        case _:
            return str(default)
