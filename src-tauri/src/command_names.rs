// Read twice: by build.rs, which makes one permission of each name, and by commands.rs, whose test holds this list against
// the handlers, the capability file and the contract.

/// Every command of the window, in the contract's order.
pub const COMMAND_NAMES: &[&str] = &[
    "desk_status",
    "start_demo",
    "list_accounts",
    "test_connection",
    "connect_account",
    "check_account",
    "remove_account",
    "forget_lesson",
    "start_sync",
    "stop_sync",
    "rebuild_cache",
    "find_people",
    "recent_people",
    "open_person",
    "refresh_person",
    "person_cards",
    "list_cards",
    "show_card",
    "set_one_click",
    "set_active",
    "delete_card",
    "mark_card",
    "list_changes",
    "retry_change",
    "discard_change",
    "push_changes",
    "open_portal",
    "copy_text",
];
