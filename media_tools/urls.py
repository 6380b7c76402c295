"""Include these in the site's addresses: ``path("mcp-upload/", include("media_tools.urls"))``."""

from django.urls import re_path

from .views import upload

app_name = "media_tools"
urlpatterns = [
    # Whatever stands there: a wrong address gets the view's sentence.
    re_path(r"^(?P<secret>[^/]+)/?$", upload, name="upload"),
]
