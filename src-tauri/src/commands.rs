//! What the window may call: one command a name of the contract, each handing its request to the desk.

use crate::clipboard::Clipboard;
use crate::closing;
use crate::opening::Opening;
use std::future::Future;
use std::time::Instant;
use tauri::ipc::Invoke;
use tauri::{AppHandle, State};
use tokendesk_desk::Desk;
use tokendesk_desk::contract::*;

/// A line in the log for each answer: its name and time, never what was asked or answered.
async fn told<T>(
    name: &'static str,
    answering: impl Future<Output = Result<T, Problem>>,
) -> Result<T, Problem> {
    let begun = Instant::now();
    let answer = answering.await;
    let took_ms = begun.elapsed().as_millis();
    match &answer {
        Ok(_) => tracing::debug!(command = name, took_ms, "answered"),
        Err(problem) => {
            tracing::info!(command = name, took_ms, code = ?problem.code, "answered with a problem")
        }
    }
    answer
}

macro_rules! hand_over {
    ($($name:ident: $request:ty => $response:ty;)*) => {
        $(
            #[tauri::command]
            pub async fn $name(desk: State<'_, Opening<Desk>>, request: $request) -> Result<$response, Problem> {
                told(stringify!($name), async { desk.desk().await?.$name(request).await }).await
            }
        )*
    };
}

hand_over! {
    start_demo: Nothing => AccountView;
    list_accounts: Nothing => AccountList;
    test_connection: ConnectAccount => CheckResult;
    connect_account: ConnectAccount => AccountView;
    check_account: AccountRef => CheckResult;
    replace_credentials: ReplaceCredentials => AccountView;
    provider_options: Nothing => ProviderOptions;
    pause_account: PauseAccount => AccountView;
    set_read_only: SetReadOnly => AccountView;
    removal_facts: AccountRef => RemovalFacts;
    remove_account: RemoveAccount => Nothing;
    import_directory: ImportDirectory => Imported;
    add_to_directory: AddToDirectory => Imported;
    list_directory: ListDirectory => DirectoryPage;
    remove_from_directory: DirectoryRef => Nothing;
    forget_lesson: AccountRef => AccountView;
    start_sync: StartSync => Nothing;
    stop_sync: AccountRef => Nothing;
    rebuild_cache: Nothing => Nothing;
    open_person: PersonRef => PersonView;
    refresh_person: PersonRef => PersonView;
    person_cards: PersonCards => CardPage;
    list_cards: ListCards => CardPage;
    show_card: CardRef => CardDetail;
    set_one_click: SetOneClick => ChangeView;
    set_active: SetActive => ChangeView;
    delete_card: DeleteCard => ChangeView;
    set_default: CardRef => ChangeView;
    before_deletion: CardRef => BeforeDeletionView;
    remove_from_desk: CardRef => Nothing;
    verify_offer: CardRef => VerifyOffer;
    verify_card: VerifyCard => VerificationView;
    refund_verification: VerificationRef => VerificationView;
    allow_verification: AllowVerification => AccountView;
    ask_new_details: CardRef => BuyerPage;
    create_token: CreateToken => CardDetail;
    delete_customer: DeleteCustomer => DoneNow;
    forget_one_click: ForgetOneClick => DoneNow;
    recognise: Recognise => Recognised;
    look_up: LookUp => LookedUp;
    list_flows: AccountRef => FlowList;
    start_flow: StartFlow => FlowRunView;
    run_flow_step: RunFlowStep => FlowRunView;
    show_flow_run: FlowRunRef => FlowRunView;
    flow_runs: AccountRef => FlowRuns;
    single_use_tokens: AccountRef => SingleUseList;
    mark_card: MarkCard => CardDetail;
    list_changes: ListChanges => ChangeList;
    undo_change: ChangeRef => ChangeView;
    send_change_now: ChangeRef => ChangeView;
    resolve_change: ResolveChange => ChangeView;
    retry_change: ChangeRef => ChangeView;
    discard_change: ChangeRef => ChangeView;
    push_changes: PushChanges => PushResult;
    make_plan: MakePlan => PlanView;
    list_plans: Nothing => PlanList;
    show_plan: PlanRef => PlanView;
    plan_rows: PlanRows => PlanRowPage;
    run_plan: RunPlan => PlanView;
    stop_plan: PlanRef => PlanView;
    drop_plan: PlanRef => Nothing;
    list_log: ListLog => LogPage;
    verify_log: Nothing => LogVerified;
    export_log: ExportLog => Exported;
    list_timeline: ListTimeline => TimelinePage;
    list_backups: Nothing => BackupList;
    make_backup: MakeBackup => BackupView;
    restore_backup: RestoreBackup => Nothing;
    accept_older_ledger: AcceptOlderLedger => Nothing;
    desk_settings: Nothing => DeskSettings;
    set_desk_settings: DeskSettings => DeskSettings;
}

/// The first command of a start page; asked again after a failed start, it tries the start again.
#[tauri::command]
pub async fn desk_status(desk: State<'_, Opening<Desk>>, request: Nothing) -> Result<DeskStatus, Problem> {
    told("desk_status", async {
        desk.desk_or_again().await?.desk_status(request).await
    })
    .await
}

#[tauri::command]
pub async fn find_people(
    desk: State<'_, Opening<Desk>>,
    request: FindPeople,
) -> Result<PeopleFound, Problem> {
    let found = told("find_people", async {
        desk.desk().await?.find_people(request).await
    })
    .await?;
    listed(&found);
    Ok(found)
}

#[tauri::command]
pub async fn recent_people(
    desk: State<'_, Opening<Desk>>,
    request: FindPeople,
) -> Result<PeopleFound, Problem> {
    let found = told("recent_people", async {
        desk.desk().await?.recent_people(request).await
    })
    .await?;
    listed(&found);
    Ok(found)
}

/// `cargo xtask run` waits for this line before it takes a picture.
fn listed(found: &PeopleFound) {
    tracing::info!(people = found.items.len(), "people listed");
}

/// Opens the provider's portal in the person's browser, with the card's id ready to paste there.
#[tauri::command]
pub async fn open_portal(
    desk: State<'_, Opening<Desk>>,
    clipboard: State<'_, Clipboard>,
    request: CardRef,
) -> Result<PortalLink, Problem> {
    told("open_portal", async {
        let link = desk.desk().await?.open_portal(request).await?;
        clipboard.copy(link.remote_id.clone()).await?;
        if browse(&link.url) {
            Ok(link)
        } else {
            Err(no_browser())
        }
    })
    .await
}

/// Only web pages: an address is the one thing here that the system acts upon.
fn browse(url: &str) -> bool {
    let page = url.starts_with("https://") || url.starts_with("http://127.0.0.1:");
    page && tauri_plugin_opener::open_url(url, None::<&str>).is_ok()
}

/// Opens a page that the desk gave out, and nothing else.
#[tauri::command]
pub async fn open_page(desk: State<'_, Opening<Desk>>, request: OpenPage) -> Result<Nothing, Problem> {
    told("open_page", async {
        let url = request.url.clone();
        let checked = desk.desk().await?.open_page(request).await?;
        if browse(&url) {
            Ok(checked)
        } else {
            Err(Problem {
                detail: String::new(),
                hint: "Copy the address and open it by hand.".to_owned(),
                ..no_browser()
            })
        }
    })
    .await
}

fn no_browser() -> Problem {
    Problem {
        title: "No browser opened".to_owned(),
        detail: "The card’s id is on the clipboard.".to_owned(),
        hint: "Open the portal by hand and paste the id there.".to_owned(),
        ..Problem::new(ProblemCode::Internal)
    }
}

#[tauri::command]
pub async fn copy_text(clipboard: State<'_, Clipboard>, request: CopyText) -> Result<Nothing, Problem> {
    told("copy_text", clipboard.copy(request.text))
        .await
        .map(|()| Nothing {})
}

/// Leaves the program, as the person answered when asked.
#[tauri::command]
pub async fn quit(app: AppHandle, request: Quit) -> Result<Nothing, Problem> {
    told("quit", closing::quit(&app, request)).await
}

macro_rules! handled {
    ($($name:ident),* $(,)?) => {
        /// What the handler below answers to.
        #[cfg(test)]
        const HANDLED: &[&str] = &[$(stringify!($name)),*];

        /// The commands, for Tauri.
        pub fn handler() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
            tauri::generate_handler![$($name),*]
        }
    };
}

handled! {
    desk_status, start_demo, list_accounts, test_connection, connect_account, check_account,
    replace_credentials, provider_options, pause_account, set_read_only, removal_facts, remove_account,
    import_directory, add_to_directory, list_directory, remove_from_directory, forget_lesson, start_sync,
    stop_sync, rebuild_cache, find_people, recent_people, open_person, refresh_person, person_cards,
    list_cards, show_card, set_one_click, set_active, delete_card, set_default, before_deletion,
    remove_from_desk, verify_offer, verify_card, refund_verification, allow_verification, ask_new_details,
    create_token, delete_customer, forget_one_click, recognise, look_up, list_flows, start_flow,
    run_flow_step, show_flow_run, flow_runs, single_use_tokens, mark_card, list_changes, undo_change,
    send_change_now, resolve_change, retry_change, discard_change, push_changes, make_plan, list_plans,
    show_plan, plan_rows, run_plan, stop_plan, drop_plan, list_log, verify_log, export_log, list_timeline,
    list_backups, make_backup, restore_backup, accept_older_ledger, desk_settings, set_desk_settings, quit,
    open_portal, open_page, copy_text,
}

#[cfg(test)]
mod tests {
    use super::HANDLED;
    use std::collections::BTreeSet;
    use tokendesk_desk::contract::typescript::COMMANDS;

    include!("command_names.rs");

    fn set<'a>(names: &[&'a str]) -> BTreeSet<&'a str> {
        names.iter().copied().collect()
    }

    #[test]
    fn handlers_and_permissions_are_those_of_the_contract() {
        assert_eq!(set(HANDLED), set(COMMANDS), "the handler");
        assert_eq!(
            set(COMMAND_NAMES),
            set(COMMANDS),
            "the permissions made by build.rs"
        );
        assert_eq!(COMMAND_NAMES.len(), COMMANDS.len());
        assert_eq!(HANDLED.len(), COMMANDS.len());
    }

    #[test]
    fn the_window_is_granted_the_commands_and_two_ways_to_listen_and_nothing_else() {
        let file: serde_json::Value =
            serde_json::from_str(include_str!("../capabilities/main.json")).unwrap();
        assert_eq!(file["windows"], serde_json::json!([crate::window::LABEL]));
        assert!(file.get("webviews").is_none() && file.get("remote").is_none());
        let granted: BTreeSet<String> = file["permissions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap().to_owned())
            .collect();
        let mut wanted: BTreeSet<String> = COMMANDS
            .iter()
            .map(|name| format!("allow-{}", name.replace('_', "-")))
            .collect();
        wanted.extend([
            "core:event:allow-listen".to_owned(),
            "core:event:allow-unlisten".to_owned(),
        ]);
        assert_eq!(granted, wanted);
    }

    #[test]
    fn the_page_may_load_and_reach_only_what_is_built_in() {
        let config: serde_json::Value = serde_json::from_str(include_str!("../tauri.conf.json")).unwrap();
        let security = &config["app"]["security"];
        let policy = security["csp"].as_str().unwrap();
        assert!(policy.starts_with("default-src 'none';"));
        assert!(policy.contains("connect-src ipc: http://ipc.localhost;"));
        for forbidden in ["unsafe", "*", "https:", "blob:"] {
            assert!(!policy.contains(forbidden), "{forbidden}");
        }
        assert_eq!(security["freezePrototype"], true);
        assert_eq!(
            security["capabilities"],
            serde_json::json!(["main"]),
            "one capability, and it is named"
        );
        assert_eq!(config["app"]["withGlobalTauri"], false);
        let others: Vec<_> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/capabilities"))
            .unwrap()
            .collect();
        assert_eq!(others.len(), 1, "a capability file is read wherever it lies");
    }
}
