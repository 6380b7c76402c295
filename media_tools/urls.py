"""Include these in the site's addresses: ``path("mcp-upload/", include("media_tools.urls"))``."""

from django.urls import re_path

from .models import SECRET_LENGTH
from .views import upload

app_name = "media_tools"
urlpatterns = [
    re_path(rf"^(?P<secret>[A-Za-z0-9]{{{SECRET_LENGTH}}})/?$", upload, name="upload"),
]
