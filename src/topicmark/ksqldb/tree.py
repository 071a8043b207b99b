"""From lark's tree to ``syntax``: queries and statements."""

from __future__ import annotations

from typing import Any

from lark import Token, Tree, v_args

from topicmark.ksqldb import syntax as s
from topicmark.ksqldb.errors import KsqlError, Unsupported
from topicmark.ksqldb.tree_expressions import ExpressionBuilder, Flag, Name, first, has, kept, text_of


@v_args(inline=False)
class Builder(ExpressionBuilder):
    """One statement's tree, bottom up. Raises ``KsqlError`` for what can be no statement."""

    # -- queries --------------------------------------------------------------------------------------------------

    def star(self, _: list[Any]) -> s.Star:
        return s.Star()

    def source_star(self, children: list[Any]) -> s.Star:
        return s.Star(str(children[0]))

    def struct_star(self, children: list[Any]) -> s.StructStar:
        return s.StructStar(children[0])

    def item(self, children: list[Any]) -> s.Item:
        parts = kept(children)
        return s.Item(parts[0], str(parts[1]) if len(parts) > 1 else None)

    def relation(self, children: list[Any]) -> tuple[str, str]:
        names = kept(children)
        return str(names[0]), str(names[-1])

    def where(self, children: list[Any]) -> tuple[str, Any]:
        return "where", children[1]

    def partition_by(self, children: list[Any]) -> tuple[str, Any]:
        keys = tuple(kept(children))
        if not keys:
            raise KsqlError("Failed to prepare statement: PARTITION BY requires at least one expression")
        return "partition_by", keys

    def limit(self, children: list[Any]) -> tuple[str, Any]:
        return "limit", children[1]

    def emit(self, children: list[Any]) -> tuple[str, Any]:
        return "emit", str(children[1]).upper()

    def _not_run(what: str) -> Any:  # type: ignore[misc]  # noqa: N805 (makes a method)
        def method(self: Any, _: list[Any]) -> tuple[str, Any]:  # noqa: ARG001 (lark calls it as a method)
            return "unsupported", what

        return method

    joined = _not_run("a JOIN is")
    window = _not_run("a WINDOW is")
    group_by = _not_run("GROUP BY is")
    having = _not_run("HAVING is")

    def select(self, children: list[Any]) -> s.Select:
        items = tuple(child for child in children if isinstance(child, s.Star | s.StructStar | s.Item))
        pairs = [child for child in children if isinstance(child, tuple)]
        source, alias = pairs[0]
        clauses = {key: value for key, value in pairs[1:] if key != "unsupported"}
        beyond = tuple(value for key, value in pairs[1:] if key == "unsupported")
        return s.Select(items, source, alias, unsupported=beyond, **clauses)

    # -- statements -----------------------------------------------------------------------------------------------

    def or_replace(self, _: list[Any]) -> Flag:
        return Flag("REPLACE")

    def if_not_exists(self, _: list[Any]) -> Flag:
        return Flag("EXISTS")

    def if_exists(self, _: list[Any]) -> Flag:
        return Flag("EXISTS")

    def delete_topic(self, _: list[Any]) -> Flag:
        return Flag("DELETE")

    def role(self, children: list[Token]) -> Flag:
        return Flag(" ".join(child.upper() for child in children if child.type != "STRING"))

    def element(self, children: list[Any]) -> s.Element:
        return s.Element(str(children[0]), children[1], str(children[2]) if len(children) > 2 else "")

    def elements(self, children: list[Any]) -> list[s.Element]:
        return children

    def property(self, children: list[Any]) -> tuple[str, s.Literal]:
        key = children[0]
        return str(key) if isinstance(key, Name) else text_of(key).upper(), children[-1]

    def with_(self, children: list[Any]) -> Any:
        return dict(kept(children))

    def columns(self, children: list[Any]) -> list[str]:
        return [str(child) for child in children]

    def create_stream(self, children: list[Any]) -> s.CreateStream:
        return s.CreateStream(
            str(first(children, Name)),
            tuple(first(children, list) or ()),
            _properties(children),
            has(children, "REPLACE"),
            has(children, "EXISTS"),
        )

    def create_stream_as(self, children: list[Any]) -> s.CreateStreamAs:
        return s.CreateStreamAs(
            str(first(children, Name)),
            _properties(children),
            first(children, s.Select),
            has(children, "REPLACE"),
            has(children, "EXISTS"),
        )

    def insert_select(self, children: list[Any]) -> s.InsertSelect:
        return s.InsertSelect(str(first(children, Name)), _properties(children), first(children, s.Select))

    def insert_values(self, children: list[Any]) -> s.InsertValues:
        parts = [child for child in children if not isinstance(child, Token)]
        columns = tuple(parts[1]) if len(parts) > 1 and isinstance(parts[1], list) else ()
        values = [child for child in parts[1:] if not isinstance(child, list)]
        return s.InsertValues(str(parts[0]), columns, tuple(values))

    def drop_stream(self, children: list[Any]) -> s.DropStream:
        return s.DropStream(str(first(children, Name)), "STREAM", has(children, "EXISTS"), has(children, "DELETE"))

    def drop_table(self, children: list[Any]) -> s.DropStream:
        return s.DropStream(str(first(children, Name)), "TABLE", has(children, "EXISTS"), has(children, "DELETE"))

    def terminate(self, children: list[Any]) -> s.Terminate:
        return s.Terminate(str(children[1]))

    def terminate_all(self, _: list[Any]) -> s.Terminate:
        return s.Terminate(None)

    def show(self, children: list[Any]) -> Any:
        return children[1]

    def _showing(what: str) -> Any:  # type: ignore[misc]  # noqa: N805 (makes a method)
        def method(self: Any, children: list[Any]) -> s.Show:  # noqa: ARG001 (lark calls it as a method)
            return s.Show(what, has(children, "EXTENDED"))

        return method

    show_topics = _showing("TOPICS")
    show_all_topics = _showing("ALL TOPICS")
    show_streams = _showing("STREAMS")
    show_tables = _showing("TABLES")
    show_queries = _showing("QUERIES")
    show_properties = _showing("PROPERTIES")
    show_functions = _showing("FUNCTIONS")
    show_types = _showing("TYPES")
    show_variables = _showing("VARIABLES")

    def describe(self, children: list[Any]) -> s.Describe:
        return s.Describe(str(first(children, Name)), has(children, "EXTENDED"))

    def describe_streams(self, children: list[Any]) -> s.Show:
        return s.Show("STREAM DESCRIPTIONS", has(children, "EXTENDED"))

    def describe_function(self, children: list[Any]) -> s.DescribeFunction:
        return s.DescribeFunction(str(first(children, Name)))

    def explain_query(self, children: list[Any]) -> s.Explain:
        return s.Explain(str(children[1]))

    def explain_statement(self, children: list[Any]) -> s.Explain:
        return s.Explain(None, children[1])

    def interval(self, children: list[Any]) -> tuple[str, int]:
        return "interval", int(children[1])

    def print_topic(self, children: list[Any]) -> s.Print:
        topic = next(child for child in children if not isinstance(child, Token | tuple))
        clauses: dict[str, int] = dict(child for child in children if isinstance(child, tuple))
        return s.Print(topic, has(children, "BEGINNING"), **clauses)

    def set_property(self, children: list[Any]) -> s.SetProperty:
        return s.SetProperty(text_of(children[1]), text_of(children[-1]))

    def unset_property(self, children: list[Any]) -> s.UnsetProperty:
        return s.UnsetProperty(text_of(children[1]))

    def _beyond(what: str) -> Any:  # type: ignore[misc]  # noqa: N805 (makes a method)
        def method(self: Any, _: list[Any]) -> s.Beyond:  # noqa: ARG001 (lark calls it as a method)
            return s.Beyond(what)

        return method

    beyond_table = _beyond("a table is")

    def table_as(self, parts: list[Any]) -> Any:
        """A table of what is no aggregation: ksqlDB refuses it, whatever the source."""
        select = next(part for part in parts if isinstance(part, s.Select))
        return s.Beyond("a table is") if select.unsupported else s.TableOfStream()

    beyond_source = _beyond("a SOURCE stream is")
    beyond_connector = _beyond("a connector statement is")
    show_connectors = beyond_connector
    beyond_type = _beyond("a type of one's own is")
    beyond_variable = _beyond("a variable is")
    beyond_pause = _beyond("PAUSE and RESUME are")
    beyond_alter = _beyond("ALTER is")
    beyond_assert = _beyond("ASSERT is")

    def beyond_zone(self, _: list[Any]) -> Any:
        raise Unsupported("AT TIME ZONE is")

    def __default__(self, data: Any, children: list[Any], meta: Any) -> Any:
        if data == "with":
            return self.with_(children)
        return Tree(data, children, meta)


def _properties(children: list[Any]) -> s.Properties:
    return tuple((first(children, dict) or {}).items())
