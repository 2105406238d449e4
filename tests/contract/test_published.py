"""Which providers no document judges is written down: none is lost unseen."""

import pytest

from tests.contract import allowances, graphql_documents, published
from tests.contract.catalogue import IDS, integration


@published.needed
def test_those_without_a_document_are_the_listed_ones() -> None:
    absent = {name for name in IDS if published.document(name) is None}
    assert absent == allowances.UNDOCUMENTED | allowances.GRAPHQL
    assert {name for name in IDS if graphql_documents.schema(name)} == allowances.GRAPHQL


@pytest.mark.parametrize("integration_id", IDS)
def test_what_has_no_schema_is_an_answer_that_there_is(integration_id: str) -> None:
    tools = {tool.id for tool in integration(integration_id).tools}
    assert allowances.without_schema(integration_id) <= {"verify", *tools}
