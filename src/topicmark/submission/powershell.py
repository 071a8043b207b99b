"""As much of PowerShell as a hand-in needs: texts, here-strings, tables, variables, and calls of ``curl`` and its kin.

Quotes and escapes as in Microsoft's about_Quoting_Rules; what is not understood is passed over with a remark.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from topicmark.submission.words import listed

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b"}
_REQUESTS = ("invoke-restmethod", "invoke-webrequest", "irm", "iwr")
_CURLS = ("curl", "curl.exe")
_PARAMETERS = ("method", "uri", "contenttype", "body", "headers", "infile")
_SWITCHES = ("usebasicparsing", "verbose", "skipcertificatecheck", "skiphttperrorcheck", "passthru", "erroraction")
_MAX_STATEMENTS = 2000
_MAX_DEPTH = 12
_MAX_TEXT_CHARS = 64 * 1024
_MAX_JSON_PARTS = 20_000
_QUIET = ("write-host", "write-output", "echo", "start-sleep", "cd", "set-location", "clear-host", "cls", "#", "pause")


class WindowsProblem(Exception):
    """What is wrong with a Windows script: the line (from 1), in words, and what to do."""

    def __init__(self, line: int, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.line = line
        self.what = what
        self.remedy = remedy


class _Strange(Exception):
    """Something that this reader does not understand."""


def calls(text: str, remarks: list[str]) -> Iterator[list[str]]:
    """The arguments of each call of curl; web requests of PowerShell's own are translated into such."""
    reader = _Reader(text)
    variables: dict[str, Any] = {}
    for _ in range(_MAX_STATEMENTS):
        reader.skip_blank(lines=True)
        if reader.at_end():
            return
        line = reader.line()
        try:
            found = _statement(reader, variables)
        except _Strange as strange:
            remarks.append(f"line {line}: {strange} is passed over; only curl and web requests are carried out.")
            reader.skip_statement()
            continue
        if found is not None:
            yield found


def _statement(reader: _Reader, variables: dict[str, Any]) -> list[str] | None:
    assigned = reader.take(r"\$(?:(?:script|global|local|env):)?(\w+)[ \t]*=(?!=)")
    if assigned:
        reader.skip_blank(lines=False)
        word = reader.peek_word()
        if word in (*_REQUESTS, *_CURLS):
            return _call(reader, variables)
        value = _pipeline(reader, variables)
        variables[assigned[1].lower()] = value[:_MAX_TEXT_CHARS] if isinstance(value, str) else value
        return None
    reader.take(r"&[ \t]*")
    word = reader.peek_word()
    if word in (*_REQUESTS, *_CURLS):
        return _call(reader, variables)
    if word in _QUIET:
        reader.skip_statement()
        return None
    value = _value(reader, variables) if reader.looking_at(r"[@'\"$(]") else None
    if isinstance(value, str | dict) and reader.take(r"[ \t]*\|[ \t\n]*(?=\w)"):
        if isinstance(value, dict) and reader.take(
            r"(?i:convertto-json)\b(?:[ \t]+-\w+(?:[ \t]+\d+)?)*[ \t]*\|[ \t\n]*"
        ):
            value = _json(value)
        if reader.peek_word() in _REQUESTS:
            return _call(reader, variables, piped=str(value))
    raise _Strange(listed([word or "a line"]))


def _call(reader: _Reader, variables: Mapping[str, Any], piped: str | None = None) -> list[str]:
    name = reader.peek_word()
    reader.take(r"[\w.-]+")
    arguments = list(_arguments(reader, variables))
    options = [each.lower().lstrip("-") for each in arguments if isinstance(each, str) and each.startswith("-")]
    splat = any(isinstance(each, dict) for each in arguments)
    if name in _REQUESTS or splat or {"method", "uri", "body"} & set(options):
        return _request(arguments, piped)
    return [each.replace('\\"', '"') for each in arguments if isinstance(each, str)]


def _arguments(reader: _Reader, variables: Mapping[str, Any]) -> Iterator[str | dict[str, Any]]:
    """The words up to the end of the statement; what is behind a pipe or a redirection is left out."""
    while True:
        reader.skip_blank(lines=False)
        if reader.at_end() or reader.looking_at(r"[;\n)}]"):
            return
        if reader.looking_at(r"\||\d?>"):
            reader.skip_statement()
            return
        splat = reader.take(r"@(\w+)(?![\w{(])")
        if splat:
            value = variables.get(splat[1].lower())
            if not isinstance(value, dict):
                raise _Strange(f"@{splat[1]}")
            yield value
        elif reader.looking_at(r"['\"($]|@['\"{]"):
            value = _value(reader, variables)
            tail = reader.take(r"[^\s;|'\"]+")
            yield value if isinstance(value, dict) else _text(value) + (tail[0] if tail else "")
        else:
            word = reader.take(r"(?:`.|[^\s;|'\"`]|(?<==)['\"][^'\"]*['\"])+")
            if not word:
                raise _Strange(listed([reader.rest()[:20]]))
            yield _interpolated(word[0], variables)


def _request(arguments: list[str | dict[str, Any]], piped: str | None) -> list[str]:
    """A web request of PowerShell as arguments of curl."""
    given: dict[str, Any] = {}
    name = ""
    for each in arguments:
        if isinstance(each, dict) and not name:
            given |= {key.lower(): value for key, value in each.items()}
        elif isinstance(each, str) and re.fullmatch(r"-[A-Za-z]+", each) and not name:
            name = each[1:].lower()
            near = [known for known in _PARAMETERS if known.startswith(name)]
            name = near[0] if len(near) == 1 else name
            if name in _SWITCHES[:-1]:
                name = ""
        elif name:
            given[name] = each
            name = ""
        else:
            given.setdefault("uri", each)
    if "uri" not in given:
        raise _Strange("a web request without -Uri")
    argv = ["-sS", "-X", _text(given.get("method", "GET")).upper(), _text(given["uri"])]
    headers = given.get("headers", {})
    for key, value in headers.items() if isinstance(headers, dict) else ():
        argv += ["-H", f"{key}: {_text(value)}"]
    if "contenttype" in given:
        argv += ["-H", f"Content-Type: {_text(given['contenttype'])}"]
    body = given.get("body", piped)
    if "infile" in given:
        argv += ["--data-binary", "@" + _text(given["infile"]).replace("\\", "/")]
    elif body is not None:
        text = _text(body) if not isinstance(body, dict) else "&".join(f"{k}={_text(v)}" for k, v in body.items())
        argv += ["--data-binary" if text.startswith("@") else "--data-raw", text]
    return argv


def _pipeline(reader: _Reader, variables: Mapping[str, Any], depth: int = 0) -> Any:
    """A value, perhaps made JSON or read from a file."""
    read = reader.take(r"(?i:get-content|gc|cat)\b((?:[ \t]+-(?i:raw|path|encoding[ \t]+\w+|literalpath))*)[ \t]+")
    if read:
        arguments = list(_arguments(reader, variables))
        path = next((each for each in arguments if isinstance(each, str) and not each.startswith("-")), "")
        return "@" + re.sub(r"^\./", "", path.replace("\\", "/"))
    value = _value(reader, variables, depth)
    if reader.take(r"[ \t]*\|[ \t\n]*(?i:convertto-json)\b(?:[ \t]+-\w+(?:[ \t]+\d+)?)*"):
        return _json(value)
    reader.skip_blank(lines=False)
    if not reader.at_end() and not reader.looking_at(r"[;\n)}]"):
        raise _Strange(listed([reader.rest()[:20]]))
    return value


def _value(reader: _Reader, variables: Mapping[str, Any], depth: int = 0) -> Any:
    """A text, number, boolean, variable, list, or table (a dict; keys in order)."""
    if depth > _MAX_DEPTH:
        raise _Strange("something nested deeply")
    here = reader.take(r"@'[ \t]*\n((?:.*\n)*?)'@") or reader.take(r"@'[ \t]*\n()'@")
    if here:
        return here[1].removesuffix("\n")
    here = reader.take(r"@\"[ \t]*\n((?:.*\n)*?)\"@")
    if here:
        return _interpolated(here[1].removesuffix("\n"), variables)
    single = reader.take(r"'((?:[^']|'')*)'")
    if single:
        return str(single[1]).replace("''", "'")
    double = reader.take(r"\"((?:[^\"`]|`[\s\S]|\"\")*)\"")
    if double:
        return _interpolated(double[1].replace('""', '"'), variables)
    if reader.take(r"(?:\[ordered\][ \t]*|\[pscustomobject\][ \t]*)?@\{"):
        return _table(reader, variables, depth)
    if reader.take(r"@?\("):
        reader.skip_blank(lines=True)
        inner = _pipeline(reader, variables, depth + 1)
        reader.skip_blank(lines=True)
        if not reader.take(r"\)"):
            raise _Strange("a bracket that is not closed")
        return inner
    constant = reader.take(r"\$(true|false|null)\b")
    if constant:
        return {"true": True, "false": False, "null": None}[constant[1]]
    variable = reader.take(r"\$\{?(?:(?:script|global|local|env):)?(\w+)\}?")
    if variable:
        if variable[1] == "PSScriptRoot":
            return "."
        if variable[1].lower() not in variables:
            raise _Strange(f"the variable ${variable[1]}")
        return variables[variable[1].lower()]
    number = reader.take(r"-?\d+(?![\w.])")
    if number:
        return int(number[0][:18])
    raise _Strange(listed([reader.rest()[:20]]))


def _table(reader: _Reader, variables: Mapping[str, Any], depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while True:
        while reader.skip_blank(lines=True) or reader.take(";"):
            pass
        if reader.take(r"\}"):
            return found
        key = reader.take(r"'([^']*)'") or reader.take(r"\"([^\"`$]*)\"") or reader.take(r"([\w.-]+)")
        reader.skip_blank(lines=False)
        if not key or not reader.take(r"="):
            raise _Strange("a table that is not closed")
        reader.skip_blank(lines=True)
        found[key[1]] = _value(reader, variables, depth + 1)


def _interpolated(text: str, variables: Mapping[str, Any]) -> str:
    def one(match: re.Match[str]) -> str:
        if match[1]:
            return _ESCAPES.get(match[1], match[1])
        name = match[2] or match[3]
        if name == "PSScriptRoot":
            return "."
        return _text(variables[name.lower()]) if name.lower() in variables else ""

    return re.sub(r"`([\s\S])|\$\{(?:env:)?(\w+)\}|\$(?:env:)?([A-Za-z_]\w*)", one, text)


def _text(value: Any) -> str:
    if isinstance(value, dict | list):
        return _json(value)
    return "" if value is None else str(value)


def _json(value: Any) -> str:
    """JSON of a table; of one that holds itself over and over only the beginning."""
    return "".join(itertools.islice(json.JSONEncoder().iterencode(value), _MAX_JSON_PARTS))


class _Reader:
    """A place in a script."""

    def __init__(self, text: str) -> None:
        self._text = text.replace("\r\n", "\n")
        self._at = 0

    def at_end(self) -> bool:
        return self._at >= len(self._text)

    def rest(self) -> str:
        return self._text[self._at : self._at + 200]

    def line(self) -> int:
        return self._text.count("\n", 0, self._at) + 1

    def looking_at(self, pattern: str) -> bool:
        return re.compile(pattern).match(self._text, self._at) is not None

    def take(self, pattern: str) -> re.Match[str] | None:
        match = re.compile(pattern).match(self._text, self._at)
        if match:
            self._at = match.end()
        return match

    def peek_word(self) -> str:
        match = re.compile(r"[\w.-]+").match(self._text, self._at)
        return match[0].lower() if match else ""

    def skip_blank(self, *, lines: bool) -> bool:
        """Pass over blanks, continued line ends and comments; with ``lines`` over line ends and ``;`` too."""
        blank = r"(?:[ \t]|`[ \t]*\n|<#[\s\S]*?#>" + (r"|\n|;" if lines else "") + r"|(?<![^\s;({])#[^\n]*)+"
        return self.take(blank) is not None

    def skip_statement(self) -> None:
        """Pass over the rest of a statement: up to a line end outside quotes that no backtick continues."""
        while not self.at_end():
            if self.take(r"\n|;"):
                return
            self.take(r"@'[ \t]*\n(?:.*\n)*?'@|@\"[ \t]*\n(?:.*\n)*?\"@|'[^']*'|\"(?:[^\"`]|`[\s\S])*\"|`\n|[\s\S]")
