"""Group ids from the environment of a program: variables, and config files that lie in the submission."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from topicmark.submission.placeholders import escape
from topicmark.submission.resources import looks_like_manifest
from topicmark.submission.sources import Module, Sources
from topicmark.submission.ways import CONFIG_FILE, ENVIRONMENT, GUESS, Way, called, dotted, means_group

_READERS = frozenset({"getenv", "getenvb", "env", "config", "str", "environ_get"})
_CONFIGS = frozenset({".ini", ".cfg", ".conf", ".properties", ".env", ".json", ".yaml", ".yml", ".toml"})
_MAX_CONFIG_BYTES = 64 * 1024
_KEY = r"[\"']?(?P<key>[A-Za-z0-9_.-]{1,80})[\"']?"
_LINE = re.compile(
    r"^(?P<head>[ \t]*(?:-[ \t]+|export[ \t]+)?" + _KEY + r"[ \t]*[:=][ \t]*)"
    r"(?P<value>\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|(?:[^\"'#;,{}\[\]\n]|(?<=\S)[#;])*)",
    re.MULTILINE,
)
_INLINE = re.compile(r"(?P<head>" + _KEY + r"[ \t]*[:=][ \t]*)(?P<value>\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*')")


def variables(module: Module) -> Iterator[Way]:
    """Environment variables whose name contains GROUP and that the module reads."""
    for node in module.nodes:
        name: str | None = None
        if isinstance(node, ast.Call) and node.args:
            what = called(node)
            last = what.rpartition(".")[2]
            if last in _READERS or re.search(r"environ\.(?:get|pop|setdefault)$|(?:^|\.)env\.\w+$", what):
                name = module.text_of(node.args[0])
        elif isinstance(node, ast.Subscript) and dotted(node.value).rpartition(".")[2] == "environ":
            if isinstance(node.ctx, ast.Load):
                name = module.text_of(node.slice)
        elif isinstance(node, ast.ClassDef) and any(dotted(base).endswith("BaseSettings") for base in node.bases):
            yield from _settings(node, module)
        if name and means_group(name) and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,80}", name):
            yield _variable(name, module, getattr(node, "lineno", 1))


def _settings(node: ast.ClassDef, module: Module) -> Iterator[Way]:
    """Fields of a pydantic settings class: each is read from a variable of its name."""
    prefix = ""
    for inner in ast.walk(node):
        named = isinstance(inner, ast.keyword) and inner.arg == "env_prefix"
        assigned = isinstance(inner, ast.Assign) and dotted(inner.targets[0]) == "env_prefix"
        if isinstance(inner, ast.keyword | ast.Assign) and (named or assigned):
            prefix = module.text_of(inner.value) or prefix
    for field in node.body:
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and means_group(field.target.id):
            yield _variable((prefix + field.target.id).upper(), module, field.lineno)


def _variable(name: str, module: Module, line: int) -> Way:
    words = f"the environment variable {name} ({module.path}:{line})"
    return Way(ENVIRONMENT, words, env={name: "{group}"})


def config_files(sources: Sources, modules: Sequence[Module]) -> Iterator[Way]:
    """Config files with a key for the group id: those whose name the program mentions, then any other.

    A program may demand the file on its command line, as Confluent's first example does; then it is given.
    """
    mentioned = {PurePosixPath(text).name for module in modules for text in module.strings() if len(text) < 300}
    loads_dotenv = any("load_dotenv" in module.text or "dotenv_values" in module.text for module in modules)
    demanded = any(map(_demands_config, modules))
    for path in sources.visible:
        name = PurePosixPath(path).name
        if PurePosixPath(path).suffix.lower() not in _CONFIGS and name != ".env":
            continue
        if name.lower() in ("submission.toml", "topics.toml", "answers.toml"):
            continue
        named = name in mentioned or (name == ".env" and loads_dotenv)
        text = sources.text(path, _MAX_CONFIG_BYTES)
        if text is not None and not named and (looks_like_manifest(text) or "connector.class" in text):
            continue  # a manifest or a connector's configuration, which no consumer reads
        changed = with_group(text, path, loose=named) if text is not None else None
        if changed is not None:
            words = f"the file {path}, in which the group id is replaced"
            rank = CONFIG_FILE if named or demanded else GUESS
            yield Way(rank, words, files={path: changed}, fixed=(path,) if demanded else ())


def _demands_config(module: Module) -> bool:
    """Whether argparse is told of a positional argument that is named for a configuration."""
    return any(
        called(call).endswith(".add_argument")
        and call.args
        and re.match(r"(?!-).*(?:conf|settings|propert|ini_?file)", module.text_of(call.args[0]) or "", re.IGNORECASE)
        for call in module.calls()
    )


def with_group(text: str, path: str, *, loose: bool = False) -> str | None:
    """The text of a config file as a template with ``{group}`` for the value of its group id; all else as it was.

    ``loose`` also takes keys like ``consumer_group``. ``None`` if there is no such key.
    """
    form = PurePosixPath(path).suffix.lower().lstrip(".") or "env"
    spans: list[tuple[int, int, str]] = []
    pattern = _INLINE if form == "json" else _LINE
    for match in pattern.finditer(text):
        if _is_group_key(match["key"], loose):
            gap = " " if form in ("yaml", "yml") and match["head"].endswith(":") else ""
            start, value = match.start("value"), match["value"].rstrip()
            spans.append((start, start + len(value), gap + _quoted(value, form)))
    if not spans:
        return None
    parts: list[str] = []
    at = 0
    for start, end, value in spans:
        parts += [escape(text[at:start]), value]
        at = end
    return "".join([*parts, escape(text[at:])])


def _quoted(value: str, form: str) -> str:
    """``{group}`` in the quotes that were there, or that the format wants."""
    if value[:1] in ("'", '"'):
        return f"{value[0]}{{group}}{value[0]}"
    return '"{group}"' if form in ("json", "toml", "yaml", "yml") else "{group}"


def _is_group_key(key: str, loose: bool) -> bool:
    plain = re.sub(r"[._-]", "", key.lower())
    if plain == "groupid":
        return True
    return loose and (
        plain.endswith("groupid") or plain in ("group", "consumergroup", "groupname", "consumergroupname")
    )
