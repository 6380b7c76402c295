"""The editorial safety layer, part by part: each has a test that fails when the part is taken out.

A test that passes with and without what it is about proves nothing. Here every part is taken out
in turn, and its own test has to notice. What only a running server can show stands in tests/live:
the row lock and the unique constraint under many clients (``test_concurrency``).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from inspect import signature
from typing import Any

import pytest

from mcp_server.content.block_edits import BlockEdit
from mcp_server.errors import Refused
from tests.content import test_block_edits as block_edits
from tests.content import test_writing as writing
from tests.content.test_block_edits import page as page  # a fixture that tests here ask for
from tests.tools import test_compare as compare
from tests.tools import test_preview as preview
from tests.tools import test_reviewers as reviewers
from tests.tools import test_scheduling as scheduling
from tests.tools import test_tree_and_publishing as tree
from tests.tools.test_reviewers import two_tasks as two_tasks
from tests.tools.test_reviewers import waiting as waiting
from tests.transport import test_provenance as provenance
from tests.transport import test_retries as retries
from tests.transport import test_undo as undo
from tests.transport import test_undo_left as undo_left

# How a test fails; anything else would be a mistake in what is written here.
FAILED = (AssertionError, pytest.fail.Exception)


@dataclass(frozen=True)
class Part:
    """A part of the layer, what stands in its place when it is taken out, and its test."""

    number: int
    name: str
    target: str
    instead: Any
    test: Callable[..., None]
    fails: tuple[type[BaseException], ...] = FAILED

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


def nothing(*_: Any, **__: Any) -> None:
    """Instead of what refuses or finds."""


def empty(*_: Any, **__: Any) -> list[Any]:
    """Instead of what collects."""
    return []


def given(answer: Any, *_: Any) -> Any:
    """Instead of what adds to an answer."""
    return answer


def replaced_with_a_new_id(
    edit: BlockEdit, operation: dict[str, Any], number: int, path: str
) -> None:
    place = edit._find(operation["id"], path)
    place.siblings[place.index] = edit._new(operation["block"], path)
    edit.new_ids.append(place.siblings[place.index]["id"])


PARTS = [
    Part(1, "base revision", "content.writing.refuse_stale", nothing,
         writing.test_a_stale_base_is_refused_with_who_and_what),
    Part(1, "collisions per block", "content.conflicts._tell_blocks", nothing,
         block_edits.test_conflicts_are_told_per_block),
    Part(2, "open editors", "content.people._others", nothing,
         tree.test_a_page_that_somebody_has_open_is_left_alone),
    Part(2, "own editor", "content.writing.own_editor_warnings", empty,
         tree.test_the_users_own_open_editor_is_a_warning),
    Part(2, "locks", "content.people._lock", nothing,
         tree.test_a_page_locked_by_somebody_else_is_left_alone),
    Part(3, "ids stay", "content.block_edits.BlockEdit._replace", replaced_with_a_new_id,
         block_edits.test_replace_keeps_the_id),
    Part(4, "expiry", "content.previewing.lifetime", lambda: timedelta(hours=24),
         preview.test_it_ends_when_it_is_told_to),
    Part(4, "exactly that revision", "content.previewing.page_revision",
         lambda page, _: page.get_latest_revision(),
         preview.test_the_address_shows_exactly_that_revision_without_a_login),
    Part(4, "noindex and no-store", "views._sealed", given,
         preview.test_nobody_keeps_or_passes_on_a_preview, (*FAILED, KeyError)),
    Part(5, "per block", "content.differences._has_ids", lambda _: False,
         compare.test_blocks_are_compared_by_id),
    Part(6, "reviewers", "content.finding._reviewed_page", nothing,
         reviewers.test_what_waits_for_a_reviewer_is_listed_read_and_looked_at,
         (*FAILED, Refused)),
    Part(6, "the task that was meant", "content.workflow._refuse_other_task", nothing,
         reviewers.test_an_approval_that_is_sent_again_does_not_approve_the_next_task),
    Part(7, "confirm value", "content.publishing.require_confirm", nothing,
         tree.test_consequences_come_first),
    Part(7, "old addresses", "content.redirects.OldAddress.warnings", empty,
         tree.test_a_moved_live_page_keeps_its_old_address),
    Part(8, "the site's zone", "content.scheduling.shown", str,
         scheduling.test_a_time_with_a_zone_is_shown_in_the_sites),
    Part(9, "built upon by others", "content.undo_pages._refuse_newer", nothing,
         undo.test_a_created_draft_goes_unless_somebody_touched_it, (*FAILED, IndexError)),
    Part(9, "uploads in use", "content.undo.refuse_referred", nothing,
         undo.test_an_upload_goes_unless_something_uses_it, (*FAILED, IndexError)),
    Part(2, "open editors below", "content.publishing.refuse_while_others_work_below", nothing,
         tree.test_a_section_in_which_a_page_is_open_is_neither_moved_nor_deleted),
    Part(2, "locks below", "content.publishing.refuse_while_others_work_below", nothing,
         tree.test_a_section_in_which_a_page_is_locked_is_neither_moved_nor_deleted),
    Part(7, "no redirect to itself", "content.moving_redirects._starts_at_its_page",
         lambda _: False,
         tree.test_moving_back_by_hand_leaves_no_redirect_to_itself),
    Part(9, "comments by others", "content.undo_pages.refuse_built_upon", nothing,
         undo_left.test_a_draft_that_others_commented_on_stays, (*FAILED, IndexError)),
    Part(9, "drafts that link", "content.built_upon._drafts_naming", empty,
         undo_left.test_a_draft_that_another_draft_links_to_stays, (*FAILED, IndexError)),
    Part(9, "uploads that others changed", "content.undo.refuse_changed_upload", nothing,
         undo_left.test_an_upload_that_another_token_changed_stays, (*FAILED, IndexError)),
    Part(9, "comments return", "content.snapshots.restore_comments", nothing,
         undo_left.test_comments_and_redirects_return_with_a_deleted_page),
    Part(9, "reviews are named", "content.snapshots.lost_with", empty,
         undo_left.test_a_review_that_does_not_return_is_named, (*FAILED, KeyError)),
    Part(9, "redirects of a move", "content.moving_redirects.MadeByMove.forget", nothing,
         undo_left.test_a_move_that_is_undone_leaves_no_redirects),
    Part(9, "snapshot", "content.publishing.snapshot", lambda _: {},
         undo.test_a_deleted_section_returns_as_drafts_with_its_ids),
    Part(9, "a whole session", "content.undo_pages._revert",
         lambda *_: nothing,
         undo.test_a_session_of_thirty_mixed_calls_is_undone_as_one_run),
    Part(10, "replays", "transport.retries.WINDOW", timedelta(0),
         retries.test_an_identical_create_returns_the_page_that_the_first_one_made),
    Part(10, "other arguments", "transport.retries.fingerprint", lambda *_: "always the same",
         retries.test_a_key_holds_for_a_day_and_for_one_call_only),
    Part(10, "uploads", "transport.retries.Claim.is_answered", lambda *_: False,
         retries.test_an_upload_that_is_sent_again_happens_once,
         (*FAILED, TypeError, AttributeError)),
    Part(11, "history", "transport.call.note", nothing,
         provenance.test_the_history_names_tool_token_and_client),
    Part(11, "every page of a run", "results.Change.and_about", given,
         undo_left.test_every_page_of_a_run_is_recognisable),
    Part(11, "from revision to call", "records.CallRecord.made", nothing,
         provenance.test_a_revision_leads_to_the_call_that_saved_it),
]  # fmt: skip


def test_every_part_of_the_layer_is_here() -> None:
    assert {part.number for part in PARTS} == set(range(1, 12))


@pytest.mark.django_db
@pytest.mark.parametrize("part", PARTS, ids=str)
def test_its_test_fails_without_it(
    part: Part, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = {name: request.getfixturevalue(name) for name in signature(part.test).parameters}
    monkeypatch.setattr(f"mcp_server.{part.target}", part.instead)
    with pytest.raises(part.fails):
        part.test(**wanted)
