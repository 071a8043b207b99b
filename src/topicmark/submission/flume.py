"""Exercise 8's Flume agent: its configuration, from a properties file or a ConfigMap. Nothing of it is run here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from topicmark.submission import properties, resources, yamltree
from topicmark.submission.artefacts import Missing, Problem
from topicmark.submission.choosing import named, one_of
from topicmark.submission.manifest import Manifest
from topicmark.submission.sources import Sources, by_pattern, parent
from topicmark.submission.words import listed
from topicmark.submission.yamltree import YamlProblem

LOOKED_FOR = "flume.conf, flume.yaml with a ConfigMap, or the only *.conf or *.properties with an agent"
_BY_NAME = (r"flume\.(?:conf|properties)", r"flume\.ya?ml", r".*flume.*\.(?:conf|properties)", r".*flume.*\.ya?ml")
_BY_CONTENT = (r".*\.(?:conf|properties)", r".*\.ya?ml")
_YAML = (".yaml", ".yml")
_LISTS = ("sources", "channels", "sinks")
_HOLDS_AGENT = re.compile(r"(?m)^[ \t]*[\w-]+\.(?:sources|sinks)[ \t]*[=:]")
_STARTS = re.compile(r"flume-ng|flume\.node\.Application")
_NAME = re.compile(r"""(?:--name|(?<![\w-])-n)(?:=|["']?[\s,]+(?:-[ \t]+)?)["']?([A-Za-z0-9][\w.-]*)""")
_NAME_IN_ENV = re.compile(r"""FLUME_AGENT_NAME["']?\s*(?:[=:]|\n\s*value:)\s*["']?([A-Za-z0-9][\w.-]*)""")
_NEAR_CHARS = 600
# What Flume takes for its own names of components, in any case
_ALIASES = {
    "org.apache.flume.source.http.httpsource": "http",
    "org.apache.flume.source.netcatsource": "netcat",
    "org.apache.flume.source.execsource": "exec",
    "org.apache.flume.source.spooldirectorysource": "spooldir",
    "org.apache.flume.sink.kafka.kafkasink": "kafka",
}


@dataclass(frozen=True, slots=True)
class FlumeComponent:
    """A source or sink of the agent: ``kind`` is Flume's short name where it has one, in lower case, else the class;
    ``settings`` are its keys without the agent's and its own name."""

    name: str
    kind: str
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FlumeAgent:
    """An agent called ``name``. ``text`` is its whole configuration, found in ``file``; relative paths in it start at
    ``workdir``."""

    file: str
    name: str
    text: str
    workdir: str
    sources: Sequence[FlumeComponent]
    sinks: Sequence[FlumeComponent]

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics of its Kafka sinks, by the key of today or that of old, which Flume still takes."""
        default = "default-flume-topic"
        kafka = [sink.settings for sink in self.sinks if sink.kind == "kafka"]
        return tuple(
            dict.fromkeys(settings.get("kafka.topic") or settings.get("topic") or default for settings in kafka)
        )


def find(sources: Sources, manifest: Manifest | None, remarks: list[str]) -> FlumeAgent | Problem | Missing:
    """The submission's agent."""
    if manifest is not None and manifest.flume is not None:
        chosen = named(sources, manifest, manifest.flume)
        return chosen if isinstance(chosen, Problem) else load(sources, chosen)
    for pattern in (*_BY_NAME, *_BY_CONTENT):
        named_so = by_pattern(sources.visible, pattern)
        paths = [path for path in named_so if _HOLDS_AGENT.search(sources.text(path) or "")]
        # a file that is called after Flume is meant, even if nothing of it can be used
        paths = paths or (named_so if pattern == _BY_NAME[0] else [])
        if paths:
            found = one_of(sources, paths, "the Flume agent", remarks, table="flume")
            return found if isinstance(found, Problem) else load(sources, found)
    return Missing(LOOKED_FOR)


def load(sources: Sources, path: str) -> FlumeAgent | Problem:
    """The agent in a properties file or in a ConfigMap."""
    text = sources.text(path)
    if text is None:
        return Problem(path, "cannot be read, or is far too long.")
    started_as = _started_as(sources, path)
    if not path.lower().endswith(_YAML):
        return parse(text, path, started_as, parent(path) or ".")
    try:
        config = _in_config_map(text, path)
    except YamlProblem as wrong:
        return Problem(f"{path}:{wrong.line}", wrong.what, wrong.remedy)
    if config is None:
        remedy = "Put flume.conf into data of a ConfigMap, or hand the file itself in."
        return Problem(path, "no ConfigMap in it holds the configuration of a Flume agent.", remedy)
    return parse(config, path, started_as, parent(path) or ".")


def parse(text: str, file: str, started_as: Sequence[str] = (), workdir: str = ".") -> FlumeAgent | Problem:
    """The agent of a configuration. ``started_as`` are the names by which something else in the hand-in starts one."""
    settings = properties.read(text)
    agents = dict.fromkeys(key.partition(".")[0] for key in settings if key.partition(".")[2] in _LISTS)
    if not agents:
        what = "holds no agent: there is no line like `agent.sources = http`."
        return Problem(file, what, "Name the agent's sources, channels and sinks.")
    meant = [name for name in started_as if name in agents]
    if started_as and not meant:
        what = f"configures the agent {listed(agents)}, and what is started is {listed(started_as)}."
        return Problem(file, what, "Flume starts nothing then: give both the same name.")
    name = (meant or sorted(agents, key=lambda each: not settings.get(f"{each}.sources")))[0]
    for part in _LISTS:
        if not settings.get(f"{name}.{part}", "").split():
            return Problem(file, f"the agent {listed([name])} has no {part}.", f"Write a line `{name}.{part} = …`.")
    return FlumeAgent(
        file,
        name,
        text,
        workdir,
        tuple(_components(settings, name, "sources")),
        tuple(_components(settings, name, "sinks")),
    )


def _components(settings: Mapping[str, str], agent: str, part: str) -> Iterator[FlumeComponent]:
    for name in settings[f"{agent}.{part}"].split():
        prefix = f"{agent}.{part}.{name}."
        own = {key.removeprefix(prefix): value.strip() for key, value in settings.items() if key.startswith(prefix)}
        kind = own.get("type", "")
        yield FlumeComponent(name, _ALIASES.get(kind.lower(), kind if "." in kind else kind.lower()), own)


def _in_config_map(text: str, path: str) -> str | None:
    for resource in resources.read(text, path):
        if resource.kind == "ConfigMap":
            for value in yamltree.pairs(resource.table, "data", "data").values():
                if _HOLDS_AGENT.search(value):
                    return value
    return None


def _started_as(sources: Sources, path: str) -> list[str]:
    """The names of agents that the file itself or a script starts."""
    scripts = by_pattern(sources.visible, r".*\.(?:sh|ya?ml)|(?:.*/)?dockerfile")
    own = [path] if path.lower().endswith(_YAML) else scripts
    found: dict[str, None] = {}
    for each in own:
        text = sources.text(each) or ""
        for start in _STARTS.finditer(text):
            near = text[start.end() : start.end() + _NEAR_CHARS]
            found.update(dict.fromkeys(match[1] for match in list(_NAME.finditer(near))[:1]))
        found.update(dict.fromkeys(_NAME_IN_ENV.findall(text)))
    return list(found)
