"""The public search page."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from wagtail.models import Page, Site

RESULTS_PER_PAGE = 10


def search(request: HttpRequest) -> HttpResponse:
    """Live, public pages of the current site that match `?q=`."""
    query = request.GET.get("q", "").strip()[:200]
    pages = Page.objects.none()
    site = Site.find_for_request(request)
    if query and site:
        # Ranking costs one subquery per row on SQLite and adds little on a site of this size.
        found = Page.objects.live().public().descendant_of(site.root_page, inclusive=True)
        pages = found.specific().search(query, operator="and", order_by_relevance=False)
    results = Paginator(pages, RESULTS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "search.html", {"query": query, "results": results})
