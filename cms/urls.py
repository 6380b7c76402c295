"""The site's addresses. `cms.asgi` answers `/mcp` before Django sees a request."""

from django.conf import settings
from django.conf.urls.static import static
from django.contrib.staticfiles.urls import staticfiles_urlpatterns
from django.templatetags.static import static as static_url
from django.urls import include, path
from django.utils.functional import lazy
from django.views.generic import RedirectView
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.contrib.sitemaps.views import sitemap
from wagtail.documents import urls as wagtaildocs_urls

from home.views import search

urlpatterns = [
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("mcp-preview/", include("mcp_server.urls")),
    path("search/", search, name="search"),
    path("mcp-upload/", include("media_tools.urls")),
    path("sitemap.xml", sitemap, name="sitemap"),
    # For browsers that ask without reading the page; late, because the name of a collected file
    # is known only after it was collected.
    path("favicon.ico", RedirectView.as_view(url=lazy(static_url, str)("img/leaf.svg"))),
    # Both empty unless DEBUG is on; a public server hands these files to its web server.
    *staticfiles_urlpatterns(),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
    path("", include(wagtail_urls)),
]
