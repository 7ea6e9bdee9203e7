"""Checks requests against Microsoft's own description of the service, where it lies beside the checkout."""

import json
import os
import re
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from inbox_agent.bench.graph_wire import Asked

PLACE = Path(
    os.environ.get("GRAPH_OPENAPI", Path(__file__).parents[3] / "shared" / "graph" / "graph-mail.openapi.json")
)

_ACTIONS = {"delta": "graph.delta()"} | {
    name: f"graph.{name}" for name in ("createReply", "send", "createUploadSession", "move", "reauthorize")
}
_DELTA_QUERY = {"$select", "$filter", "$orderby", "$top", "$expand", "changeType", "$skiptoken", "$deltatoken"}
"""The description names no query of delta; https://learn.microsoft.com/graph/api/message-delta does."""
_MIME = ("messages", "graph.createReply")
"""Where a body may be MIME (`text/plain`): https://learn.microsoft.com/graph/outlook-send-mime-message"""
_EXTENDED = {"singleValueExtendedProperties"}
"""https://learn.microsoft.com/graph/api/singlevaluelegacyextendedproperty-post-singlevalueextendedproperties"""


class GraphContract:
    """A `watch` of `GraphService`: raises `AssertionError` for a request that the description does not know."""

    def __init__(self, place: Path = PLACE) -> None:
        self._place = place

    @property
    def is_there(self) -> bool:
        return self._place.is_file()

    def __call__(self, asked: Asked) -> None:
        if not self.is_there or asked.path.startswith("/upload/"):
            return
        assert 'IdType="ImmutableId"' in asked.headers.get("prefer", ""), "ids must be immutable in every request"
        segments = self._segments(asked.path)
        is_content = segments[-1] == "$value"
        template, described = self._described(segments[:-1] if is_content else segments)
        operation = described.get(asked.method.lower())
        assert operation, f"{template} knows no {asked.method}"
        if is_content:
            assert asked.method == "GET"
            return
        self._check_query(asked, segments, [*described.get("parameters", []), *operation.get("parameters", [])])
        self._check_body(asked, segments, operation)

    @cached_property
    def _text(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self._place.read_text("utf-8"))
        return loaded

    @cached_property
    def _paths(self) -> dict[int, list[tuple[re.Pattern[str], str]]]:
        """Templates by their number of segments, those with most literal words first."""
        found: dict[int, list[tuple[re.Pattern[str], str]]] = {}
        for template in sorted(self._text["paths"], key=lambda one: one.count("{")):
            pattern = "".join(
                "[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]+\})", template)
            )
            found.setdefault(template.count("/"), []).append((re.compile(pattern), template))
        return found

    def _segments(self, path: str) -> list[str]:
        path = re.sub(r"mailFolders\('([^']+)'\)", r"mailFolders/\1", path.removeprefix("/v1.0/"))
        return [_ACTIONS.get(one, one) for one in path.split("/")]

    def _described(self, segments: list[str]) -> tuple[str, dict[str, Any]]:
        path = "/" + "/".join(segments)
        for pattern, template in self._paths.get(len(segments), []):
            if pattern.fullmatch(path):
                return template, self._text["paths"][template]
        raise AssertionError(f"there is no {path}")

    def _check_query(self, asked: Asked, segments: list[str], parameters: list[dict[str, Any]]) -> None:
        known = {one["name"]: one for one in map(self._resolved, parameters) if one["in"] == "query"}
        if segments[-1] == "graph.delta()":
            listing = self._text["paths"]["/users/{id}/mailFolders/{id_1}/messages"]["get"]["parameters"]
            every = {one["name"]: one for one in map(self._resolved, listing)}
            known = {name: every.get(name, {}) for name in _DELTA_QUERY}
        for name, value in asked.query.items():
            assert name in known, f"there is no query option {name} here"
            allowed = known[name].get("schema", {}).get("items", {}).get("enum")
            if name in ("$select", "$orderby") and allowed:
                assert set(value.split(",")) <= set(allowed), f"{name}={value}"
            if name in ("$top", "$skip"):
                assert value.isdecimal()

    def _check_body(self, asked: Asked, segments: list[str], operation: dict[str, Any]) -> None:
        described = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        if asked.headers.get("content-type", "").startswith("text/plain"):
            assert segments[-1] in _MIME, "no MIME here"
        elif asked.body:
            assert described is not None, "no body here"
            self._check(described, json.loads(asked.body), "body")

    def _check(self, schema: dict[str, Any], value: Any, where: str) -> None:
        schema = self._resolved(schema)
        if value is None:
            assert schema.get("nullable"), f"{where} is null"
            return
        for part in schema.get("allOf", []):
            self._check(part, value, where)
        if "enum" in schema:
            assert value in schema["enum"], f"{where} is {value!r}"
        kind = schema.get("type")
        if kind == "object":
            assert isinstance(value, dict), where
            named = value.get("@odata.type", "").removeprefix("#")
            special = self._text["components"]["schemas"].get(f"{named}-create", {}) if named else {}
            properties = schema.get("properties", {}) | special.get("properties", {})
            for name, inner in value.items():
                if name not in _EXTENDED | {"@odata.type"}:
                    assert name in properties, f"{where} has no {name}"
                    self._check(properties[name], inner, f"{where}.{name}")
        elif kind == "array":
            assert isinstance(value, list), where
            for inner in value:
                self._check(schema.get("items", {}), inner, f"{where}[]")
        elif kind in ("string", "boolean", "integer"):
            expected = {"string": str, "boolean": bool, "integer": int}[kind]
            assert isinstance(value, expected), f"{where} is no {kind}"
            if schema.get("format") == "date-time":
                assert datetime.fromisoformat(value).tzinfo, where

    def _resolved(self, described: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in described:
            return described
        found: Any = self._text
        for part in described["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return found
