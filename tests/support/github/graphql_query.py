"""Parses GraphQL queries: one operation, with variables, arguments and inline fragments.

See https://spec.graphql.org/October2021/#sec-Language.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|\.\.\.|\$?[A-Za-z_][A-Za-z0-9_]*|-?\d+|[{}()\[\]:!=]|[^\s,]')


class QueryError(Exception):
    """The query is not GraphQL, or not of the supported part of it."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """A selected field; with `on`, it is selected on objects of that type only."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    selections: tuple[Selection, ...] = ()
    on: str = ""


def parse_query(text: str, variables: Mapping[str, Any]) -> tuple[Selection, ...]:
    """Return what the query selects, with the values of its variables."""
    return _Parser(text, variables).query()


class _Parser:
    def __init__(self, text: str, variables: Mapping[str, Any]) -> None:
        self._tokens = [*_TOKEN.findall(text), ""]
        self._variables = variables
        self._declared: set[str] = set()

    def query(self) -> tuple[Selection, ...]:
        if self._tokens[0] == "query":
            self._take("query")
            if self._tokens[0] not in ("(", "{"):
                self._take()  # its name
            self._declared = {*self._declarations()}
        selections = self._selections()
        self._take("")
        return selections

    def _take(self, expected: str | None = None) -> str:
        token = self._tokens[0]
        if token != expected if expected is not None else not token:
            raise QueryError(f'Expected "{expected}", actual: "{token}"')
        return str(self._tokens.pop(0))

    def _declarations(self) -> Iterator[str]:
        """Take ``($name: Type!, …)``."""
        if self._tokens[0] != "(":
            return
        self._take("(")
        while self._tokens[0] != ")":
            name = self._take()
            self._take(":")
            self._take_type()
            if self._tokens[0] == "!":
                self._take("!")
                if self._variables.get(name[1:]) is None:
                    raise QueryError(f"Variable {name} of type was provided invalid value")
            yield name
        self._take(")")

    def _take_type(self) -> None:
        """Take ``Type`` or ``[Type!]``, without the mark after it."""
        if self._take() == "[":
            while self._take() != "]":
                pass

    def _selections(self, on: str = "") -> tuple[Selection, ...]:
        self._take("{")
        found: list[Selection] = []
        while self._tokens[0] != "}":
            if self._tokens[0] == "...":
                self._take("...")
                self._take("on")
                found += self._selections(self._take())
            else:
                name = self._take()
                arguments = dict(self._arguments()) if self._tokens[0] == "(" else {}
                selections = self._selections() if self._tokens[0] == "{" else ()
                found.append(Selection(name=name, arguments=arguments, selections=selections, on=on))
        self._take("}")
        return tuple(found)

    def _arguments(self, begin: str = "(", end: str = ")") -> Iterator[tuple[str, Any]]:
        self._take(begin)
        while self._tokens[0] != end:
            name = self._take()
            self._take(":")
            yield name, self._value()
        self._take(end)

    def _value(self) -> Any:
        if self._tokens[0] == "{":
            return dict(self._arguments("{", "}"))
        if self._tokens[0] == "[":
            self._take("[")
            values = []
            while self._tokens[0] != "]":
                values.append(self._value())
            self._take("]")
            return values
        token = self._take()
        if token.startswith("$"):
            if token not in self._declared:
                raise QueryError(f"Variable {token} is used but not declared")
            return self._variables[token[1:]]
        return json.loads(token) if re.match(r'["0-9-]|(true|false|null)$', token) else token
