"""A search service's answers, given below the official clients: no service runs here."""

import json
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from elastic_transport import ApiResponseMeta, BaseNode, HttpHeaders
from opensearchpy import Connection


@dataclass
class Index:
    """What is found in each index, and what was asked."""

    keys: dict[str, list[int]] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, target: str, body: Any) -> dict[str, Any]:
        """The answer to a search or a count; nothing else is asked while reading."""
        parts = urlsplit(target)
        name, _, what = parts.path.strip("/").partition("/")
        asked = json.loads(body) | dict(parse_qsl(parts.query))
        keys = self.keys.get(name, [])
        if what == "_count":
            return {"count": len(keys)}
        assert what == "_search"
        self.asked.append(asked | {"index": name})
        start, size = int(asked["from"]), int(asked["size"])
        found = [{"_score": 1.0, "fields": {"pk": [str(key)]}} for key in keys[start:][:size]]
        return {"hits": {"hits": found}}


# The clients make their connections themselves.
INDEX = Index()


class Answer(NamedTuple):
    """What the transport of Elasticsearch's client takes an answer apart into."""

    meta: ApiResponseMeta
    body: bytes


class OpenSearchConnection(Connection):
    def perform_request(
        self, method: str, url: str, params: Any = None, body: Any = None, *_: Any, **__: Any
    ) -> Any:
        query = "&".join(f"{name}={value}" for name, value in (params or {}).items())
        return 200, {}, json.dumps(INDEX.answer(f"{url}?{query}", body))


class ElasticsearchNode(BaseNode):
    def perform_request(
        self, method: str, target: str, body: Any = None, *_: Any, **__: Any
    ) -> Any:
        headers = {"x-elastic-product": "Elasticsearch", "content-type": "application/json"}
        meta = ApiResponseMeta(200, "1.1", HttpHeaders(headers), 0.0, self.config)
        return Answer(meta, json.dumps(INDEX.answer(target, body)).encode())

    def close(self) -> None:
        """Nothing is open."""


OPTIONS: dict[str, dict[str, Any]] = {
    "opensearch3": {"connection_class": OpenSearchConnection},
    "elasticsearch9": {"node_class": ElasticsearchNode},
}
