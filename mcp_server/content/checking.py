"""What an editor would look for before publishing a page."""

from math import ceil

from wagtail.models import Page

from mcp_server.actor import Actor

from .checking_addresses import addresses
from .checking_base import Check, Finding, Inspection, added_checks
from .checking_content import alt_texts, headings, lengths, publishing
from .checking_links import links
from .checking_site import doubles, orphan
from .reading import Version, shown_version
from .shapes import PageSummary, site_roots_loaded

# Silent reading of English: Brysbaert 2019, https://doi.org/10.1016/j.jml.2019.104047
WORDS_PER_MINUTE = 238
MAX_FINDINGS = 40
CHECKS: tuple[Check, ...] = (
    publishing, headings, alt_texts, links, addresses, lengths, doubles, orphan,
)  # fmt: skip


class Checkup(PageSummary):
    """What was found in one version of a page; ``more_findings`` counts those left out."""

    version: Version
    words: int
    reading_minutes: int
    findings: list[Finding]
    more_findings: int | None = None


def check_page(actor: Actor, page: Page, version: Version) -> Checkup:
    """Every check over the newest draft, or over what visitors see."""
    inspection = Inspection(actor, shown_version(actor, page, version), version)
    with site_roots_loaded():
        found = [finding for check in (*CHECKS, *added_checks()) for finding in check(inspection)]
    words = inspection.content.words
    result = Checkup.of(
        page,
        version=version,
        words=words,
        reading_minutes=ceil(words / WORDS_PER_MINUTE),
        findings=found[:MAX_FINDINGS],
        more_findings=max(len(found) - MAX_FINDINGS, 0) or None,
    )
    if version == "live":
        # The revision that was checked, and the title that visitors see.
        result.revision_id, result.title = page.live_revision_id or 0, page.title
    return result
