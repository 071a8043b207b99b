"""Command line options for the group id: argparse, optparse, click, typer, getopt and others, ``sys.argv`` by hand."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from topicmark.submission.sources import Module
from topicmark.submission.ways import (
    FIRST_ARGUMENT,
    OPTION,
    Parser,
    Way,
    called,
    dotted,
    functions,
    is_true,
    keyword,
    means_group,
    parameters,
    stand_in,
)

_FLAG_ACTIONS = frozenset({"store_true", "store_false", "store_const", "count", "help", "version"})


def ways(module: Module) -> Iterator[Way]:
    """Every way to give a group id on the command line that the module's source shows."""
    yield from _argparse(module)
    yield from _click(module)
    yield from _typer(module)
    yield from _getopt(module)
    yield from _other_libraries(module)
    yield from _by_hand(module)


def _argparse(module: Module) -> Iterator[Way]:
    """``add_argument`` (argparse) and ``add_option`` (optparse), one parser per receiver."""
    subcommands: dict[str, str] = {}
    groups: dict[str, str] = {}  # parser.add_argument_group(…) takes arguments for its parser
    for node in module.nodes:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and len(node.targets) == 1:
            call, target = node.value, dotted(node.targets[0])
            if isinstance(call.func, ast.Attribute) and call.func.attr == "add_parser" and call.args:
                subcommands[target] = module.text_of(call.args[0]) or ""
            elif isinstance(call.func, ast.Attribute) and call.func.attr.startswith(("add_argument_g", "add_mutually")):
                groups[target] = dotted(call.func.value)
    calls = [
        call
        for call in module.calls()
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("add_argument", "add_option")
    ]
    parsers: dict[str, Parser] = {}
    library = "argparse"
    for call in sorted(calls, key=lambda each: (each.lineno, each.col_offset)):
        assert isinstance(call.func, ast.Attribute)
        library = "argparse" if call.func.attr == "add_argument" else "optparse"
        receiver = dotted(call.func.value)
        receiver = groups.get(receiver, receiver)
        parser = parsers.setdefault(receiver, Parser(path=module.path))
        if subcommands.get(receiver):
            parser.subcommand = (subcommands[receiver],)
        _add_argument(parser, call, module)
    for parser in parsers.values():
        way = parser.way(library)
        if way:
            yield way


def _add_argument(parser: Parser, call: ast.Call, module: Module) -> None:
    names = [name for name in map(module.text_of, call.args) if name]
    dest = module.text_of(keyword(call, "dest"))
    action = module.text_of(keyword(call, "action"))
    if not names or action in _FLAG_ACTIONS:
        return
    if not names[0].startswith("-"):
        nargs = module.text_of(keyword(call, "nargs"))
        if means_group(*names) and not parser.group_positional:
            parser.line = parser.line or call.lineno
        optional = nargs in ("?", "*") or (nargs is None and keyword(call, "nargs") is not None)
        parser.positional(names, optional, stand_in(names, call, module))
    elif means_group(*names, dest):
        if parser.group_option is None:
            parser.group_option, parser.line = _best_option(names), call.lineno
    elif is_true(keyword(call, "required")):
        parser.required += [_best_option(names), stand_in(names, call, module)]


def _best_option(names: list[str]) -> str:
    """The spelling to use: a long one that says group, else any that does, else the longest."""
    return max(names, key=lambda name: ("group" in name.lower(), name.startswith("--"), -names.index(name)))


def _click(module: Module) -> Iterator[Way]:
    """``@click.option`` and ``@click.argument`` on a function, with its subcommand if it is one."""
    for function in functions(module):
        calls = [each for each in function.decorator_list if isinstance(each, ast.Call)]
        parser = Parser(path=module.path, line=function.lineno)
        for call in calls:
            kind = called(call).rpartition(".")[2]
            names = [name for name in map(module.text_of, call.args) if name]
            if kind == "option" and names and not is_true(keyword(call, "is_flag")):
                options = [name.split("/")[0] for name in names if name.startswith("-")]
                if means_group(*names) and options and parser.group_option is None:
                    parser.group_option, parser.line = _best_option(options), call.lineno
                elif is_true(keyword(call, "required")) and options:
                    parser.required += [_best_option(options), stand_in(names, call, module)]
            elif kind == "argument" and names:
                optional = keyword(call, "default") is not None or (
                    isinstance(required := keyword(call, "required"), ast.Constant) and required.value is False
                )
                parser.positional(names, optional, stand_in(names, call, module))
        parser.subcommand = _subcommand(function, module)
        way = parser.way("click")
        if way:
            yield way


def _subcommand(function: ast.FunctionDef | ast.AsyncFunctionDef, module: Module) -> tuple[str, ...]:
    """The name by which a function of a click group or a typer app with several commands is called."""
    for decorator in function.decorator_list:
        func = decorator.func if isinstance(decorator, ast.Call) else decorator
        if not (isinstance(func, ast.Attribute) and func.attr == "command"):
            continue
        owner = dotted(func.value)
        if owner in ("click", "typer"):
            return ()
        groups = {
            each.name
            for each in functions(module)
            for mark in each.decorator_list
            if dotted(mark.func if isinstance(mark, ast.Call) else mark).rpartition(".")[2] in ("group", "callback")
        }
        siblings = [
            each
            for each in functions(module)
            for mark in each.decorator_list
            if dotted(mark.func if isinstance(mark, ast.Call) else mark) == f"{owner}.command"
        ]
        is_typer = any(name.endswith("Typer") for name in _assigned_calls(module, owner))
        if not (is_typer and len(siblings) == 1 and not groups):
            first = decorator.args[0] if isinstance(decorator, ast.Call) and decorator.args else None
            given = module.text_of(first) or (
                module.text_of(keyword(decorator, "name")) if isinstance(decorator, ast.Call) else None
            )
            return (given or function.name.replace("_", "-"),)
    return ()


def _assigned_calls(module: Module, name: str) -> Iterator[str]:
    for node in module.nodes:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and name in map(dotted, node.targets):
            yield called(node.value)


def _typer(module: Module) -> Iterator[Way]:
    """Parameters of functions that ``typer.run`` or ``@app.command`` turns into a command line."""
    if "typer" not in module.text:
        return
    run = {
        each.args[0].id
        for each in module.calls()
        if called(each) in ("typer.run", "run") and each.args and isinstance(each.args[0], ast.Name)
    }
    for function in functions(module):
        marks = [mark.func if isinstance(mark, ast.Call) else mark for mark in function.decorator_list]
        if function.name not in run and not any(dotted(mark).endswith((".command", ".callback")) for mark in marks):
            continue
        parser = Parser(path=module.path, line=function.lineno, subcommand=_subcommand(function, module))
        for parameter, default in parameters(function):
            _typer_parameter(parser, parameter, default, module)
        way = parser.way("typer")
        if way:
            yield way


def _typer_parameter(parser: Parser, parameter: ast.arg, default: ast.expr | None, module: Module) -> None:
    declared = [each for each in (default, *_annotated(parameter)) if isinstance(each, ast.Call)]
    call = next((each for each in declared if called(each).endswith(("Option", "Argument"))), None)
    texts = [text for text in map(module.text_of, call.args) if text] if call else []
    names = [text.split("/")[0] for text in texts if text.startswith("-")]
    in_default = call is not None and call is default
    is_required = default is None or (
        in_default
        and call is not None
        and (not call.args or (isinstance(call.args[0], ast.Constant) and call.args[0].value is ...))
    )
    if (call is not None and called(call).endswith("Argument")) or (call is None and default is None):
        parser.positional([parameter.arg], not is_required, stand_in([parameter.arg], None, module))
        return
    if isinstance(parameter.annotation, ast.Name) and parameter.annotation.id == "bool":
        return
    option = _best_option(names) if names else "--" + parameter.arg.replace("_", "-")
    if means_group(parameter.arg, *names):
        parser.group_option = parser.group_option or option
    elif is_required:
        parser.required += [option, stand_in([parameter.arg], None, module)]


def _annotated(parameter: ast.arg) -> list[ast.expr]:
    """What stands in ``Annotated[…]`` after the type."""
    note = parameter.annotation
    if (
        isinstance(note, ast.Subscript)
        and dotted(note.value).endswith("Annotated")
        and isinstance(note.slice, ast.Tuple)
    ):
        return note.slice.elts[1:]
    return []


def _getopt(module: Module) -> Iterator[Way]:
    for call in module.calls():
        if called(call).rpartition(".")[2] not in ("getopt", "gnu_getopt") or len(call.args) < 2:
            continue
        at = f"(getopt, {module.path}:{call.lineno})"
        long_names = call.args[2].elts if len(call.args) > 2 and isinstance(call.args[2], ast.List | ast.Tuple) else []
        for name in filter(None, map(module.text_of, long_names)):
            if means_group(name) and name.endswith("="):
                yield Way(OPTION, f"the option --{name[:-1]} {at}", ("--" + name[:-1], "{group}"))
        short = module.text_of(call.args[1]) or ""
        if "g:" in short:
            yield Way(OPTION, f"the option -g {at}", ("-g", "{group}"))


def _other_libraries(module: Module) -> Iterator[Way]:
    """absl flags, fire and docopt."""
    for call in module.calls():
        name = called(call)
        first = module.text_of(call.args[0]) if call.args else None
        if name.rpartition(".")[2] == "DEFINE_string" and means_group(first):
            yield Way(OPTION, f"the option --{first} (absl, {module.path}:{call.lineno})", (f"--{first}={{group}}",))
        elif name in ("fire.Fire", "Fire") and call.args and isinstance(call.args[0], ast.Name):
            for function in functions(module):
                for parameter, _ in parameters(function) if function.name == call.args[0].id else ():
                    if means_group(parameter.arg):
                        words = f"the option --{parameter.arg} (fire, {module.path}:{call.lineno})"
                        yield Way(OPTION, words, (f"--{parameter.arg}={{group}}",))
        elif name.rpartition(".")[2] == "docopt":
            usage = ast.get_docstring(module.tree, clean=False) or ""
            for option in re.findall(r"(--?[\w-]{0,40}group[\w-]{0,40})[= ]<?[A-Z<]", usage[:20_000], re.IGNORECASE)[
                :1
            ]:
                yield Way(
                    OPTION, f"the option {option} (docopt, {module.path}:{call.lineno})", (f"{option}={{group}}",)
                )


def _by_hand(module: Module) -> Iterator[Way]:
    """``sys.argv`` read without a library: an option that is looked for in it, or a place in it."""
    if "argv" not in module.text:
        return
    for node in module.nodes:
        text = module.text_of(node) if isinstance(node, ast.Constant) else None
        if text and re.fullmatch(r"--?[\w-]{0,40}group[\w-]{0,40}=?", text, re.IGNORECASE):
            if "add_argument" in module.text or "add_option" in module.text or "click" in module.text:
                continue
            arguments = (f"{text}{{group}}",) if text.endswith("=") else (text, "{group}")
            yield Way(OPTION, f"the option {text} (sys.argv, {module.path}:{getattr(node, 'lineno', 1)})", arguments)
    place, names, line = _place(module)
    if place:
        before = tuple(stand_in([name], None, module) for name in names[: place - 1])
        words = f"argument {place} (sys.argv, {module.path}:{line})"
        yield Way(FIRST_ARGUMENT, words, ("{group}",), fixed=before)


def _place(module: Module) -> tuple[int, list[str], int]:
    """Which argument is the group id (0: ``sys.argv`` is not read by index), the names of those before it, the line."""
    found: dict[int, str] = {}
    line = 0
    for node in module.nodes:
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        for inner in ast.walk(node.value):
            if not (isinstance(inner, ast.Subscript) and dotted(inner.value).endswith("argv")):
                continue
            if isinstance(inner.slice, ast.Constant) and isinstance(inner.slice.value, int):
                found.setdefault(inner.slice.value, dotted(node.targets[0]))
                line = line or node.lineno
            elif isinstance(inner.slice, ast.Slice) and isinstance(node.targets[0], ast.Tuple):
                start = inner.slice.lower.value if isinstance(inner.slice.lower, ast.Constant) else 0
                for offset, target in enumerate(node.targets[0].elts):
                    found.setdefault((start if isinstance(start, int) else 0) + offset, dotted(target))
                line = line or node.lineno
    places = [index for index, name in found.items() if index > 0 and means_group(name)]
    if places:
        place = min(places)
        return place, [found.get(index, "") for index in range(1, place)], line
    used = any(
        isinstance(node, ast.Subscript) and dotted(node.value).endswith("argv") and not _is_program_name(node)
        for node in module.nodes
    )
    return (1, [], line or 1) if used else (0, [], 0)


def _is_program_name(node: ast.Subscript) -> bool:
    return isinstance(node.slice, ast.Constant) and node.slice.value == 0
