"""Every row of the threat table, with the tests that hold it and what is measured besides."""

from . import inputs, measures
from .threat import Threat


def _of(file: str, names: str) -> tuple[str, ...]:
    """Node ids of a file of ``tests/``."""
    return tuple(f"tests/{file}.py::test_{name}" for name in names.split())


THREATS = (
    Threat(
        "database leak",
        "HMAC-SHA-256 digest only, unique, its key from a setting of its own with fallbacks, "
        "digests made anew on use after a rotation",
        "the secret is in no column, database file or write-ahead log",
        (
            *_of(
                "test_tokens",
                "the_database_holds_a_digest_only the_secret_is_on_the_new_instance_only "
                "tokens_outlive_a_change_of_the_secret_key "
                "without_the_former_key_a_token_is_unknown",
            ),
            *_of("transport/test_clients", "secrets_are_in_no_database_file"),
            *_of("admin/test_rotation", "the_old_secret_does_not_replace_the_new_digest"),
            *_of("media/test_tickets", "the_secret_is_not_kept"),
        ),
    ),
    Threat(
        "logs, Referer, admin lists, query strings",
        "the secret is shown once, in one response; logs without query strings",
        "tokens through every path: 0 hits in all output",
        (
            *_of("live/test_secrets", "no_secret_in_database_files_logs_or_admin_pages"),
            *_of("transport/test_clients", "secrets_are_in_no_log"),
            *_of("transport/test_rates", "neither_logs_nor_keys_hold_a_secret"),
            *_of("transport/test_auth", "the_secret_is_not_carried_along"),
            *_of("transport/test_server", "the_secret_is_not_in_the_identity_s_text"),
        ),
        measures.canary,
    ),
    Threat(
        "brute force, timing",
        "160 random bits, prefix and checksum refused before any query, a limit of failures per "
        "client address",
        "malformed: 401 without a query; 10,000 guesses: limited",
        (
            *_of(
                "test_tokens",
                "a_secret_is_long_random_and_recognisable one_wrong_character_is_malformed "
                "a_malformed_secret_costs_no_query the_secret_finds_its_row_in_one_query",
            ),
            *_of("transport/test_auth", "malformed_costs_no_query"),
            *_of(
                "transport/test_rates",
                "ten_thousand_guesses_are_limited other_addresses_are_not_shut_out "
                "malformed_guesses_count_and_cost_no_query a_forwarded_header_is_not_believed",
            ),
        ),
        measures.guesses,
    ),
    Threat(
        "token in query, cookie, Basic",
        "the Authorization header alone counts",
        "401 each",
        (
            *_of(
                "transport/test_auth",
                "in_the_query_string in_a_cookie as_basic every_door_asks the_sse_door_asks",
            ),
            *_of("live/test_bad_input", "a_token_counts_in_the_authorization_header_only"),
        ),
    ),
    Threat(
        "expired, revoked, inactive or deleted user",
        "checked on every request; a bad token is never anonymous",
        "401 each, within 100 ms of the revocation",
        (
            *_of(
                "transport/test_auth",
                "expired revoked_between_two_calls inactive_user unknown "
                "bad_token_beside_a_valid_session_is_not_anonymous",
            ),
            *_of("test_tokens", "validity a_deleted_user_takes_the_tokens_along"),
            *_of("transport/test_listening", "a_stream_ends_with_its_token"),
            *_of("live/test_bad_input", "tokens_that_open_nothing"),
        ),
        measures.revocations,
    ),
    Threat(
        "permission taken away mid-session",
        "nothing about permissions is kept between calls; the token is checked again inside the "
        "write's transaction",
        "the next call is refused",
        (
            *_of(
                "transport/test_taken_away",
                "a_section_taken_away_is_gone_at_the_next_call a_superuser_no_more",
            ),
            *_of("transport/test_gate", "a_token_taken_from_a_tool_loses_it_at_once"),
            *_of("transport/test_auth", "revoked_during_the_call_still_stops_the_write"),
            *_of("media/test_tickets", "a_revocation_while_the_file_comes_in"),
        ),
    ),
    Threat(
        "impersonation through issuing",
        "own tokens unless Wagtail's rule for its own API tokens allows others; a superuser's only "
        "for superusers; the user never changes",
        "a crafted POST with another user: 403, no row",
        (
            *_of(
                "admin/test_permissions",
                "issuing a_user_that_does_not_exist_is_refused_like_a_forbidden_one "
                "editing_needs_the_permission_too other_peoples_tokens_are_not_found",
            ),
            *_of("admin/test_screens", "editing_changes_name_tools_and_expiry_never_the_user"),
        ),
    ),
    Threat(
        "tool-scope bypass",
        "denied by default, in one place for every method",
        "generated matrix of method × token; batch, other case, alias",
        (
            *_of(
                "transport/test_gate",
                "the_matrix_covers_the_protocol method_by_token methods_of_no_protocol "
                "every_tool_by_every_token ungranted_and_unknown_are_byte_equal "
                "a_batch_is_refused_whole a_notification_has_no_effect_and_no_answer "
                "prompts_need_their_tools only_granted_tools_are_listed",
            ),
            *_of("transport/test_completion", "ungranted_and_unknown_are_answered_alike"),
            *_of("test_resources", "types_are_told_to_tokens_with_the_tools_that_tell_them"),
        ),
    ),
    Threat(
        "reading what the user may not see",
        "everything starts from what the actor sees: private pages, drafts, search, references, "
        "comments, previews",
        "another section is “no such page” in every tool; a superuser is the control",
        (
            *_of("test_permission_matrix", "matrix a_revoked_token_opens_no_tool"),
            *_of(
                "tools/test_tree_and_publishing",
                "a_section_hides_everything_else_in_the_same_words",
            ),
            *_of(
                "content/test_boundaries",
                "a_field_with_a_permission_is_neither_read_nor_told "
                "odd_queries_find_something_or_nothing "
                "what_refers_here_is_named_to_those_who_may_see_it "
                "aliases_elsewhere_are_counted_not_named "
                "a_private_page_on_the_way_is_named_but_not_read",
            ),
            *_of("tools/test_comments", "comments_elsewhere_are_no_ones_business"),
            *_of("transport/test_completion", "what_a_user_does_not_see_does_not_complete"),
            *_of("admin/test_subtree", "it_never_widens_what_the_user_may_see"),
        ),
    ),
    Threat(
        "page-id oracle",
        "missing and forbidden are answered alike",
        "byte-equal refusals",
        (
            *_of("live/test_bad_input", "an_unknown_and_a_forbidden_page_answer_alike"),
            *_of("tools/test_snippets", "a_forbidden_type_looks_like_a_missing_one"),
            *_of("test_prompts", "a_page_that_is_not_seen_is_like_a_missing_one"),
        ),
    ),
    Threat(
        "private collections",
        "Wagtail's collection policies on search, reading, renditions and fields",
        "the id of another collection: refused, no address",
        (
            *_of(
                "tools/test_images",
                "private_collections_stay_private "
                "a_collection_that_is_not_theirs_is_refused_with_the_ones_that_are",
            ),
            *_of(
                "media/test_library",
                "no_rendition_of_what_may_not_be_seen a_twin_that_may_not_be_seen_is_not_told",
            ),
            *_of("media/test_documents", "private_collections_stay_private"),
        ),
    ),
    Threat(
        "references to what one may not see",
        "what a field points at is checked against the actor's view before it is stored",
        "refused, with the path",
        (
            *_of(
                "content/test_writing",
                "a_problem_names_its_path_and_what_is_allowed every_problem_is_told_at_once",
            ),
            *_of("tools/test_snippets", "a_chooser_takes_only_what_is_there"),
            *_of("tools/test_redirects", "a_hidden_target_is_not_told"),
        ),
    ),
    Threat(
        "stored XSS",
        "Wagtail's sanitiser, losses are told; raw HTML and `javascript:` refused",
        "hostile texts: 0 stored executable",
        (
            *_of(
                "content/test_hostile_texts",
                "nothing_executable_is_stored_or_shown the_judge_knows_code_when_it_sees_it",
            ),
            *_of("content/test_hostile_blocks", "raw_html_is_refused"),
            *_of("properties/test_markdown", "rich_text_is_converted_or_refused_and_harmless"),
            *_of("content/test_writing", "what_the_field_cannot_keep_becomes_a_warning"),
        ),
        inputs.hostile_texts,
    ),
    Threat(
        "stored prompt injection",
        "no server can solve it: content comes back as data; characters that nobody sees are "
        "removed from text; tokens that only draft; review in Wagtail",
        "no invisible character is stored by any text field",
        (
            *_of("content/test_invisible", "every_text_of_every_page_type texts_that_are_no_page"),
            *_of("test_prompts", "typed_text_is_data_on_one_line a_title_is_data_too"),
        ),
    ),
    Threat(
        "SSRF by image address",
        "one fetcher: http(s), every address global, connected to the checked one, each redirect "
        "checked, no proxies, capped in time and bytes",
        "all vectors refused, no packet to the target",
        (
            *_of(
                "media/test_fetching",
                "hosts_that_are_not_public addresses_that_are_not_fetched names_that_lead_inside "
                "public_addresses_are_public no_packet_reaches_a_local_listener "
                "each_redirect_is_checked_again proxies_of_the_environment_are_not_asked "
                "servers_with_tricks tls_is_for_the_name_not_for_the_address "
                "a_slow_name_server_counts",
            ),
        ),
        inputs.addresses,
    ),
    Threat(
        "hostile images",
        "raster formats only, pixels and frames capped before decoding, encoded anew, rendition "
        "filters from a list",
        "121 Mpx PNG of 15 kB: refused in < 0.2 s",
        (
            *_of(
                "media/test_hostile_images",
                "refused cleaned the_bomb_is_refused_before_it_is_decoded "
                "a_bomb_that_is_in_the_library_already_is_not_drawn",
            ),
            *_of("tools/test_images", "what_is_not_a_picture_is_refused"),
        ),
        inputs.bomb,
    ),
    Threat(
        "big or deep input",
        "body of at most 4 MiB, caps on nesting, blocks and text",
        "refused, and the next call is answered",
        (
            *_of(
                "transport/test_http",
                "too_large too_large_without_a_declared_size deep_nesting_is_survived "
                "a_stranger_s_large_body_is_not_read",
            ),
            *_of(
                "content/test_writing",
                "deep_and_big_values_are_refused_before_any_work "
                "rich_text_nested_thousands_deep_is_answered",
            ),
            *_of("content/test_commonmark", "no_text_keeps_the_server_busy"),
            *_of("properties/test_protocol", "any_body_is_answered"),
        ),
        inputs.large,
    ),
    Threat(
        "DNS rebinding, cross-origin",
        "Host and Origin checked against configured hosts; no cookies, no CORS by default",
        "421 and 403",
        (
            *_of("transport/test_http", "hosts origins sse_checks_the_host_too"),
            *_of("transport/test_server", "without_authentication_the_host_is_still_checked"),
        ),
        inputs.strangers,
    ),
    Threat(
        "metrics, health",
        "health says “ok” only; metrics need their token or loopback; labels from registered names "
        "only",
        "anonymous: 401; 10,000 random names: as many series as before",
        (
            *_of(
                "transport/test_metrics",
                "random_names_add_no_series loopback_may_read_where_no_token_is_set others_may_not "
                "with_a_token_only_its_holder_reads",
            ),
            *_of("transport/test_http", "health"),
        ),
        inputs.series,
    ),
    Threat(
        "SQL tools",
        "not there: no tool reads the database",
        "no such tool in the catalogue",
        (*_of("test_docs", "what_is_not_there_yet_is_not_there"),),
    ),
)
