"""The parameters of the media tools, each described once for the model.

Only limits that a model needs to know are here: each costs it tokens in every conversation. The
forms and the code behind hold the others.
"""

from typing import Annotated

from pydantic import Field

Title = Annotated[str, Field(min_length=1, max_length=255)]
NewTitle = Annotated[str | None, Field(min_length=1, max_length=255)]
Alt = Annotated[str, Field(max_length=255)]
NewAlt = Annotated[str | None, Field(max_length=255)]
Side = int
ImageId = Annotated[int, Field(ge=1)]
Renditions = Annotated[list[str], Field(description="See design://renditions", max_length=8)]
Url = str | None
Data = Annotated[str | None, Field(min_length=1, description="Base64, up to 3 MB")]
FocalPoint = Annotated[
    list[int] | None, Field(description="[x, y(, width, height)] in pixels; [] for none")
]
