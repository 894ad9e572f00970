"""The OpenAPI description as records for people: what /docs shows of each operation."""

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode

Schema: TypeAlias = Mapping[str, Any]
_MAX_EXAMPLE = 40  # lines of an example of an answer
_TYPES = {"integer": "integer", "number": "number", "boolean": "true or false", "object": "object"}


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter of an operation or a member of its body; `place` is path, query or body."""

    name: str
    place: str
    kind: str
    required: bool
    default: str
    text: str
    example: str


@dataclass(frozen=True, slots=True)
class DescribedProblem:
    """A problem that an operation can answer with; `examples` are titles with details."""

    status: str
    text: str
    examples: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation with its parameters, examples and problems.

    `answer` is an example of the answer as JSON, "" for other formats. `curl` and `python` are
    commands with the same result.
    """

    id: str
    method: str
    path: str
    text: str
    fields: list[Field]
    body: str
    answer: str
    media_types: list[str]
    problems: list[DescribedProblem]
    curl: str
    python: str


def operations_of(description: Mapping[str, Any], base_url: str) -> list[Operation]:
    """Return the operations of a description, with commands for the server at a base URL."""
    schemas = description["components"]["schemas"]
    return [
        _operation(path, method, operation, schemas, base_url.rstrip("/"))
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]


def _operation(
    path: str, method: str, operation: Mapping[str, Any], schemas: Mapping[str, Any], base_url: str
) -> Operation:
    fields = [_parameter(one, schemas) for one in operation.get("parameters", ())]
    example = None
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]["application/json"]
        body = _resolved(content["schema"], schemas)
        example = next(iter(body.get("examples", content["schema"].get("examples", ()))), None)
        fields += _members(body, schemas)
    content = operation["responses"]["200"].get("content", {})
    answer = content.get("application/json", {}).get("example")
    address, parameters = _example_address(path, fields)
    protected = "security" in operation
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        text=operation.get("description", ""),
        fields=fields,
        body=_json(example) if example else "",
        answer=_json(answer) if answer else "",
        media_types=list(content),
        problems=list(_problems(operation["responses"])),
        curl=_curl(base_url + address, parameters, example, protected),
        python=_python(base_url + address, parameters, example, protected, answer is not None),
    )


def _parameter(parameter: Mapping[str, Any], schemas: Mapping[str, Any]) -> Field:
    text, required = parameter.get("description", ""), parameter.get("required", False)
    return _field(parameter["name"], parameter["in"], required, text, parameter["schema"], schemas)


def _members(body: Schema, schemas: Mapping[str, Any]) -> list[Field]:
    required = body.get("required", ())
    return [
        _field(name, "body", name in required, schema.get("description", ""), schema, schemas)
        for name, schema in body.get("properties", {}).items()
    ]


def _field(
    name: str,
    place: str,
    required: bool,
    text: str,
    schema: Schema,
    schemas: Mapping[str, Any],
) -> Field:
    return Field(
        name=name,
        place=place,
        kind=kind_of(schema, schemas),
        required=required,
        default=_default(schema),
        text=text,
        example=str(next(iter(_main(schema).get("examples", ())), "")),
    )


def kind_of(schema: Schema, schemas: Mapping[str, Any]) -> str:
    """Return the values that a schema allows, in a few words."""
    schema = _main(schema)
    if "$ref" in schema:
        return kind_of(_resolved(schema, schemas), schemas)
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    kind = schema.get("type", "")
    if kind == "array":
        most = f", at most {schema['maxItems']}" if "maxItems" in schema else ""
        return f"list of: {kind_of(schema['items'], schemas)}{most}"
    if kind == "string":
        if schema.get("format") == "date":
            return "day, as 2024-01-31"
        most = f", at most {schema['maxLength']:,} characters" if "maxLength" in schema else ""
        shown = ", ".join(f"`{one}`" for one in schema.get("examples", ()))
        return "text" + most + (f", such as {shown}" if shown else "")
    low, high = schema.get("minimum"), schema.get("maximum")
    between = f", from {low:g} to {high:g}" if low is not None and high is not None else ""
    return str(_TYPES.get(kind, kind)) + between


def _main(schema: Schema) -> Schema:
    """Return the alternative of a schema that is neither null nor a constant."""
    alternatives = [
        one for one in schema.get("anyOf", ()) if one.get("type") != "null" and "const" not in one
    ]
    return alternatives[0] if alternatives else schema


def _resolved(schema: Schema, schemas: Mapping[str, Any]) -> Schema:
    if "$ref" not in schema:
        return schema
    found: Schema = schemas[schema["$ref"].rpartition("/")[2]]
    return found


def _default(schema: Schema) -> str:
    default = schema.get("default")
    return "" if default in (None, "", [], ()) else str(default)


def _problems(responses: Mapping[str, Any]) -> Iterator[DescribedProblem]:
    for status, response in responses.items():
        content = response.get("content", {}).get("application/problem+json")
        if content is None:
            continue
        values = [one["value"] for one in content.get("examples", {}).values()]
        examples = [(one["title"], one["detail"]) for one in values]
        yield DescribedProblem(status, response["description"], examples)


def _example_address(path: str, fields: list[Field]) -> tuple[str, dict[str, str]]:
    """Return a path with an example of each variable, and the query parameters that are needed."""
    for field in fields:
        if field.place == "path":
            path = path.replace(f"{{{field.name}}}", quote(field.example))
    queries = (field for field in fields if field.place == "query")
    parameters = {one.name: one.example for one in queries if one.required}
    if any(one.name == "limit" and one.place == "query" for one in fields):
        parameters["limit"] = "3"
    return path, parameters


def _curl(url: str, parameters: Mapping[str, str], body: object, protected: bool) -> str:
    address = f"{url}?{urlencode(parameters)}" if parameters else url
    parts = ["curl", shlex.quote(address)]
    if protected:
        parts += ["-H", '"Authorization: Bearer $SEEALSO_TOKEN"']
    if body:
        content = json.dumps(body, ensure_ascii=False)
        parts += ["-H", "'Content-Type: application/json'", "-d", shlex.quote(content)]
    return " ".join(parts)


def _python(
    url: str, parameters: Mapping[str, str], body: object, protected: bool, is_json: bool
) -> str:
    arguments = [repr(url)]
    if parameters:
        arguments.append(f"params={dict(parameters)!r}")
    if body:
        arguments.append(f"json={body!r}")
    if protected:
        arguments.append('headers={"Authorization": f"Bearer {os.environ[\'SEEALSO_TOKEN\']}"}')
    call = f"requests.{'post' if body else 'get'}({', '.join([*arguments, 'timeout=60'])})"
    imports = ["import os", "", "import requests"] if protected else ["import requests"]
    shown = "answer.json()" if is_json else "len(answer.content)"
    return "\n".join(
        [*imports, "", f"answer = {call}", "answer.raise_for_status()", f"print({shown})"]
    )


def _json(value: object) -> str:
    lines = json.dumps(value, indent=2, ensure_ascii=False).splitlines()
    return "\n".join([*lines[:_MAX_EXAMPLE], *(["…"] if len(lines) > _MAX_EXAMPLE else [])])
