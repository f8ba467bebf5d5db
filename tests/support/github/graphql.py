"""The part of GitHub's GraphQL API with commits and their check runs: https://docs.github.com/graphql/reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.support.github.graphql_query import QueryError, Selection, parse_query
from tests.support.github.login import ACTIONS, ApiRequest
from tests.support.github.responses import HttpError, JsonResponse
from tests.support.github.world import COMMIT_NODE, Route, Suite, World

_MOST_A_PAGE = 100
#: Begins the ids of check runs.
_RUN_ID = "CR_"


class FieldError(Exception):
    """An error of one field, which is null then. `kind` is GitHub's type of it."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, kw_only=True)
class Node:
    """An object of a GraphQL type."""

    type: str
    key: Any


@dataclass(kw_only=True)
class _Execution:
    world: World
    request: ApiRequest
    errors: list[dict[str, Any]] = field(default_factory=list)

    def select(self, node: Node, selections: tuple[Selection, ...], path: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return the selected fields of an object."""
        fields = [selection for selection in selections if selection.on in ("", node.type)]
        return {selection.name: self._field(node, selection, (*path, selection.name)) for selection in fields}

    def _field(self, node: Node, selection: Selection, path: tuple[str, ...]) -> Any:
        try:
            value = _FIELDS[node.type][selection.name](self, node, selection.arguments)
        except FieldError as error:
            self.errors.append({"type": error.kind, "path": [*path], "message": str(error)})
            return None
        return self._shown(value, selection, path)

    def _shown(self, value: Any, selection: Selection, path: tuple[str, ...]) -> Any:
        match value:
            case Node():
                return self.select(value, selection.selections, path)
            case list():
                return [self._shown(one, selection, path) for one in value]
            case _:
                return value

    def may(self, permission: str) -> None:
        try:
            self.request.may(permission, "read")
        except HttpError as error:
            raise FieldError("FORBIDDEN", str(error)) from error


def _nodes(execution: _Execution, _: Node, arguments: Mapping[str, Any]) -> list[Node]:
    """Return check runs and commits by their ids. Commits are in the repository of the token."""
    found: list[Node] = []
    ids = arguments["ids"]
    if len(ids) > _MOST_A_PAGE:
        message = f"You may not provide more than {_MOST_A_PAGE} node ids; you provided {len(ids)}."
        raise FieldError("ARGUMENT_LIMIT", message)
    for node_id in ids:
        if node_id.startswith(COMMIT_NODE):
            execution.request = replace(execution.request, parts=_parts_of_token(execution))
            execution.may("contents")
            found.append(Node(type="Commit", key=node_id.removeprefix(COMMIT_NODE)))
            continue
        run = execution.world.runs[int(node_id.removeprefix(_RUN_ID))]
        owner, repository = run["url"].removeprefix(f"{execution.world.url}/repos/").split("/")[:2]
        execution.request = replace(execution.request, parts={"owner": owner, "name": repository})
        execution.may("checks")
        found.append(Node(type="CheckRun", key=run))
    return found


def _parts_of_token(execution: _Execution) -> dict[str, str]:
    assert execution.request.token is not None
    owner, _, name = min(execution.request.token.repositories).partition("/")
    return {"owner": owner, "name": name}


def _suite_of(execution: _Execution, node: Node, _: Mapping[str, Any]) -> Node:
    suites = execution.world.suites.values()
    return Node(type="CheckSuite", key=next(suite for suite in suites if suite.id == node.key["check_suite"]["id"]))


def _app(execution: _Execution, node: Node, _: Mapping[str, Any]) -> Node:
    return Node(type="App", key=next(app for app in [*execution.world.apps, ACTIONS] if app.id == node.key.app_id))


def _repository(execution: _Execution, _: Node, arguments: Mapping[str, Any]) -> Node:
    execution.request = replace(execution.request, parts={key: arguments[key] for key in ("owner", "name")})
    try:
        execution.request.may("metadata", "read")
    except HttpError:
        name = execution.request.repository
        message = f"Could not resolve to a Repository with the name '{name}'."
        raise FieldError("NOT_FOUND", message) from None
    return Node(type="Repository", key=execution.request.repository)


def _object(execution: _Execution, _: Node, arguments: Mapping[str, Any]) -> Node | None:
    execution.may("contents")
    world, expression = execution.world, arguments.get("expression", "")
    oid = arguments.get("oid") or world.commit(expression) or expression
    return Node(type="Commit", key=oid) if oid in {*world.branches.values(), *world.parents} else None


def _history(execution: _Execution, node: Node, arguments: Mapping[str, Any]) -> Node:
    found, waiting = [], [node.key]
    while waiting:
        commit = waiting.pop(0)
        if commit not in found:
            found.append(commit)
            waiting += execution.world.parents.get(commit, [])
    return _connection([Node(type="Commit", key=commit) for commit in found], arguments)


def _parents(execution: _Execution, node: Node, arguments: Mapping[str, Any]) -> Node:
    parents = execution.world.parents.get(node.key, [])
    return _connection([Node(type="Commit", key=commit) for commit in parents], arguments)


def _suites(execution: _Execution, node: Node, arguments: Mapping[str, Any]) -> Node:
    execution.may("checks")
    found = [
        suite
        for suite in list(execution.world.suites.values())
        if (suite.head_sha, suite.repository) == (node.key, execution.request.repository)
        and any(_matches(run, arguments) for run in _runs_of(execution.world, suite))
    ]
    return _connection([Node(type="CheckSuite", key=suite) for suite in found], arguments)


def _runs(execution: _Execution, node: Node, arguments: Mapping[str, Any]) -> Node:
    found = [run for run in _runs_of(execution.world, node.key)[::-1] if _matches(run, arguments)]
    if arguments.get("filterBy", {}).get("checkType", "LATEST") == "LATEST":
        found = [*{run["name"]: run for run in found[::-1]}.values()]
    return _connection([Node(type="CheckRun", key=run) for run in found], arguments)


def _runs_of(world: World, suite: Suite) -> list[dict[str, Any]]:
    return [run for run in list(world.runs.values()) if run["check_suite"]["id"] == suite.id]


def _matches(run: dict[str, Any], arguments: Mapping[str, Any]) -> bool:
    wanted = arguments.get("filterBy", {})
    return (
        wanted.get("checkName") in (None, run["name"])
        and wanted.get("appId") in (None, run["app"]["id"])
        and run["status"].upper() in wanted.get("statuses", [run["status"].upper()])
    )


def _connection(nodes: list[Node], arguments: Mapping[str, Any]) -> Node:
    first = arguments.get("first")
    if first is None:
        message = "You must provide a `first` or `last` value to properly paginate the connection."
        raise FieldError("MISSING_PAGINATION_BOUNDARIES", message)
    if first > _MOST_A_PAGE:
        message = f"Requesting {first} records on the connection exceeds the `first` limit of {_MOST_A_PAGE} records."
        raise FieldError("EXCESSIVE_PAGINATION", message)
    return Node(type="Connection", key=nodes[:first])


#: type -> field -> its value
_FIELDS: dict[str, dict[str, Callable[[_Execution, Node, Mapping[str, Any]], Any]]] = {
    "Query": {"repository": _repository, "nodes": _nodes},
    "Repository": {"object": _object},
    "Commit": {
        "oid": lambda _, node, __: node.key,
        "history": _history,
        "parents": _parents,
        "checkSuites": _suites,
    },
    "CheckSuite": {
        "app": _app,
        "commit": lambda _, node, __: Node(type="Commit", key=node.key.head_sha),
        "checkRuns": _runs,
    },
    "App": {
        "databaseId": lambda _, node, __: node.key.id,
        "clientId": lambda _, node, __: node.key.client_id,
    },
    "CheckRun": {
        "id": lambda _, node, __: f"{_RUN_ID}{node.key['id']}",
        "databaseId": lambda _, node, __: node.key["id"],
        "checkSuite": _suite_of,
        "conclusion": lambda _, node, __: node.key["conclusion"] and node.key["conclusion"].upper(),
        "startedAt": lambda _, node, __: node.key["started_at"],
        "permalink": lambda _, node, __: node.key["html_url"],
        "text": lambda _, node, __: node.key["output"]["text"],
        "name": lambda _, node, __: node.key["name"],
        "externalId": lambda _, node, __: node.key["external_id"],
        "status": lambda _, node, __: node.key["status"].upper(),
    },
    "Connection": {"nodes": lambda _, node, __: node.key},
}


def _query(world: World, request: ApiRequest) -> JsonResponse:
    """Answer a query. Errors have the status 200."""
    execution = _Execution(world=world, request=request)
    try:
        selections = parse_query(str(request.body.get("query")), request.body.get("variables") or {})
        data = execution.select(Node(type="Query", key=None), selections)
    except QueryError as error:
        return JsonResponse(body={"errors": [{"message": str(error)}]})
    except KeyError as error:
        return JsonResponse(body={"errors": [{"message": f"Field {error} doesn't exist"}]})
    return JsonResponse(body={"data": data, **({"errors": execution.errors} if execution.errors else {})})


ROUTES: tuple[Route, ...] = (("POST", "/graphql", False, _query),)
