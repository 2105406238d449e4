"""The parameters that stand in paths, described once."""

from typing import Annotated

from pydantic import Field

Category = Annotated[str, Field(description="A category of the catalogue.", examples=["search"])]
IntegrationId = Annotated[
    str, Field(description="A catalogue id, or the id of one installation (`intg_...`).", examples=["firecrawl"])
]
EventId = Annotated[str, Field(description="The event's id.", examples=["evt_01kb0h6v3m8x2q4r5s6t7v8w9x"])]
KeyId = Annotated[str, Field(description="The key's id; not the key.", examples=["key_01kb0h6v3m8x2q4r5s6t7v8w9x"])]
RequestId = Annotated[
    str, Field(description="A request for a managed bot.", examples=["tmb_01kb0h6v3m8x2q4r5s6t7v8w9x"])
]
ToolId = Annotated[str, Field(description="The tool's short or full name.", examples=["scrape_page"])]
VectorizeConfigId = Annotated[
    str, Field(description="The configuration's id (`vec_...`).", examples=["vec_01kb0h6v3m8x2q4r5s6t7v8w9x"])
]
WeaviateConfigId = Annotated[
    str, Field(description="The configuration's id (`wev_...`).", examples=["wev_01kb0h6v3m8x2q4r5s6t7v8w9x"])
]
