"""The API reference as one plain page: made from the OpenAPI description, no script, nothing loaded from anywhere."""

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from service.errors import TABLE
from service.problems import HTTP

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #ccc; } code, pre { font-family: ui-monospace, monospace; }
pre { background: #f4f4f4; padding: .8rem; overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid #ddd; }
@media (prefers-color-scheme: dark) { body { background: #181818; color: #ddd; } pre { background: #262626; }
  a { color: #8ab4f8; } }
"""

Node = dict[str, Any]


def render(document: Node) -> str:
    """The page for an OpenAPI document."""
    info: Node = document["info"]
    title = escape(f"{info['title']} {info['version']}")
    body = "".join(_body(document))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}: API</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><h1>{title}: API</h1><p>{escape(info['description'])}</p>"
        f'<p>For tools: <a href="/openapi.json">openapi.json</a>.</p>{body}</body></html>'
    )


def _body(document: Node) -> Iterator[str]:
    operations = [(path, method, node) for path, nodes in document["paths"].items() for method, node in nodes.items()]
    yield "<ul>"
    for path, method, _ in operations:
        yield f'<li><a href="#{_anchor(method, path)}"><code>{method.upper()} {escape(path)}</code></a></li>'
    yield '<li><a href="#webhooks">Webhooks</a></li><li><a href="#errors">Errors</a></li></ul>'
    for path, method, node in operations:
        yield from _operation(path, method, node)
    yield '<h2 id="webhooks">Webhooks</h2><p>These are sent to the address that a job names.</p>'
    for name, nodes in document["webhooks"].items():
        for method, node in nodes.items():
            yield from _operation(name, method, node)
    yield '<h2 id="errors">Errors</h2>'
    yield from _errors()
    yield "<h2>Schemas</h2>"
    for name, schema in document["components"]["schemas"].items():
        yield from _schema(name, schema)


def _anchor(method: str, path: str) -> str:
    return f"{method}{path.replace('/', '-')}"


def _operation(path: str, method: str, node: Node) -> Iterator[str]:
    yield f'<h2 id="{_anchor(method, path)}"><code>{method.upper()} {escape(path)}</code></h2>'
    yield "".join(f"<p>{escape(part)}</p>" for part in node.get("description", "").split("\n\n"))
    if "requestBody" in node:
        for kind, content in node["requestBody"]["content"].items():
            yield f"<p>Request ({escape(kind)}): {_type(content['schema'])}</p>"
            for example in content.get("examples", {}).values():
                value = json.dumps(example["value"], ensure_ascii=False, indent=2)
                yield f"<p>{escape(example['summary'])}:</p><pre>{escape(value)}</pre>"
    yield "<table><tr><th>Status</th><th>Answer</th></tr>"
    for status, answer in node["responses"].items():
        shape = "".join(
            _type(content["schema"]) for content in answer.get("content", {}).values() if content.get("schema")
        )
        yield f"<tr><td>{status}</td><td>{escape(answer['description'])} {shape}</td></tr>"
    yield "</table>"


def _errors() -> Iterator[str]:
    yield '<p>Each is <code>application/problem+json</code>: a <a href="#Problem">Problem</a>; in a batch, an item.</p>'
    yield "<table><tr><th>Code</th><th>Status</th><th>Meaning</th></tr>"
    rows = {kind.code: (row.status, row.title) for kind, row in TABLE.items()}
    rows |= {code: (status, title) for status, (code, title, _) in HTTP.items()}
    for code, (status, title) in rows.items():
        yield f'<tr id="error-{code}"><td><code>{code}</code></td><td>{status}</td><td>{escape(title)}</td></tr>'
    yield "</table>"


def _schema(name: str, schema: Node) -> Iterator[str]:
    yield f'<h3 id="{escape(name)}">{escape(name)}</h3><p>{escape(schema.get("description", ""))}</p>'
    required = schema.get("required", [])
    yield "<table><tr><th>Field</th><th>Type</th><th></th></tr>"
    for field, node in schema.get("properties", {}).items():
        notes = ["required"] if field in required else []
        notes += [f"default {json.dumps(node['default'])}"] if "default" in node else []
        notes += [f"{key} {node[key]}" for key in ("minimum", "maximum", "maxLength", "minItems") if key in node]
        yield f"<tr><td><code>{escape(field)}</code></td><td>{_type(node)}</td><td>{escape(', '.join(notes))}</td></tr>"
    yield "</table>"


def _type(node: Node) -> str:
    """A schema in a few words of HTML, with links to named ones."""
    if "$ref" in node:
        name = escape(node["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in node:
        return " or ".join(_type(option) for option in node["anyOf"])
    if "allOf" in node:
        return " and ".join(_type(part) for part in node["allOf"])
    if "enum" in node:
        return " or ".join(f"<code>{escape(json.dumps(value))}</code>" for value in node["enum"])
    if "const" in node:
        return f"<code>{escape(json.dumps(node['const']))}</code>"
    if node.get("type") == "array":
        return f"list of {_type(node['items'])}"
    if node.get("type") == "object" and isinstance(node.get("additionalProperties"), dict):
        return f"names to {_type(node['additionalProperties'])}"
    return escape(str(node.get("type", "")))
