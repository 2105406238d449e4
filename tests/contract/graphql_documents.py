"""GraphQL documents judged by the schema that their provider published."""

from functools import cache
from typing import Any

from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode, build_schema, parse, validate
from graphql.execution.values import get_variable_values

from tests.contract.published import FOLDER


@cache
def schema(integration_id: str) -> GraphQLSchema | None:
    """The published schema of an integration; None where there is none."""
    path = FOLDER / "graphql" / f"{integration_id}.graphql"
    return build_schema(path.read_text(encoding="utf-8")) if path.exists() else None


def problems(known: GraphQLSchema, body: dict[str, Any]) -> list[str]:
    """Everything in a request's document and variables that the schema does not take."""
    try:
        document = parse(body["query"])
    except GraphQLError as error:
        return [error.message]
    if wrong := validate(known, document):
        return [error.message for error in wrong]
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    variables = body.get("variables") or {}
    declared = {node.variable.name.value for node in operation.variable_definitions or ()}
    strangers = [f"the variable {name} is not declared" for name in sorted(set(variables) - declared)]
    coerced = get_variable_values(known, operation.variable_definitions or (), variables)
    return strangers + ([error.message for error in coerced] if isinstance(coerced, list) else [])
