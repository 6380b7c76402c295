"""In which fields two revisions differ, told from what is stored of them."""

from typing import Any

from django.db.models import Model
from modelcluster.models import get_all_child_relations
from wagtail.models import Revision

from .codec import encode, stored_stream
from .fields import StreamFormField, form_fields, is_rich_text, row_fields
from .rich_text import to_markdown


def changed_fields(model: type[Model], before: Revision, after: Revision, user: Any) -> list[str]:
    """Names of the fields that differ, of those that ``user`` sees.

    Objects made of the revisions would cost some ten queries each; what is stored costs none.
    """
    return [
        name
        for name, field in form_fields(model, user)
        if _differs(model, name, field, before.content, after.content)
    ]


def _differs(
    model: type[Model], name: str, field: Any, before: dict[str, Any], after: dict[str, Any]
) -> bool:
    if name in before and before[name] == after.get(name):
        # Most fields, most of the time: nothing has to be converted.
        return False
    return bool(_held(model, name, field, before) != _held(model, name, field, after))


def _held(model: type[Model], name: str, field: Any, content: dict[str, Any]) -> Any:
    """A field's value in a revision's content, in a form that can be compared; None is empty."""
    if name not in content:
        return _joined(model, name, content)
    value = content[name]
    if isinstance(field, StreamFormField):
        column: Any = model._meta.get_field(name)
        stream = column.to_python(value)
        return encode(field.block, stored_stream(field.block, stream)) or None
    if is_rich_text(field):
        return to_markdown(value or "", field.rich_text_features) or None
    if hasattr(field, "form"):
        names = ("pk", *row_fields(field))
        return [{key: row.get(key) for key in names} for row in value or []] or None
    return value or None


def _joined(model: type[Model], name: str, content: dict[str, Any]) -> Any:
    """Tags and the like, which are stored as rows of the model that joins them to the page."""
    field: Any = next((item for item in model._meta.get_fields() if item.name == name), None)
    through = getattr(field, "through", None)
    for relation in get_all_child_relations(model):
        if relation.related_model is through:
            own = {"pk", relation.field.name}
            rows = content.get(relation.get_accessor_name()) or []
            return sorted(str({**row, **dict.fromkeys(own)}) for row in rows) or None
    return None
