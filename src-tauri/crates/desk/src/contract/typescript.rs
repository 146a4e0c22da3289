//! The contract as one TypeScript file, and the list of commands that the window may call.

use super::*;
use ts_rs::{Config, TS};

macro_rules! contract {
    (commands { $($(#[$doc:meta])* $name:ident: $request:ty => $response:ty;)* } also { $($extra:ty;)* }) => {
        /// Every command of the window, by the name it is called and permitted under.
        pub const COMMANDS: &[&str] = &[$(stringify!($name)),*];

        fn command_lines(cfg: &Config) -> Vec<String> {
            vec![$(format!(
                "  {}: {{ request: {}; response: {} }};",
                stringify!($name), <$request as TS>::name(cfg), <$response as TS>::name(cfg)
            )),*]
        }

        fn declarations(cfg: &Config) -> Vec<String> {
            vec![$(<$extra as TS>::decl(cfg)),*]
        }
    };
}

contract! {
    commands {
        desk_status: Nothing => DeskStatus;
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
        find_people: FindPeople => PeopleFound;
        recent_people: FindPeople => PeopleFound;
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
        quit: Quit => Nothing;
        open_portal: CardRef => PortalLink;
        open_page: OpenPage => Nothing;
        copy_text: CopyText => Nothing;
    }
    also {
        Env; Nothing; Network; ChangeCounts; EnvStatus; OlderLedger; AcceptOlderLedger; DeskStatus; DeskSettings; Quit;
        Quitting; Tag; Invalidated; CopyText;
        ProblemCode; Problem;
        ConnectAccount; ReplaceCredentials; HostField; Chosen; FormField; ProviderOption; ProviderOptions; RemovalFacts; RemoveAccount;
        PauseAccount; SetReadOnly; KnownHost;
        ImportDirectory; DirectoryColumns; LineNote; Imported; AddToDirectory; ListDirectory; DirectoryItem; DirectoryPage; DirectoryRef;
        BeforeDeletionView; VerifyCard; VerifyOffer; CurrencyCap; VerificationView; VerificationRef; AllowVerification; BuyerPage; OpenPage;
        CreateToken; DeleteCustomer; ForgetOneClick; DoneNow; Recognise; Recognised; RecognisedAs; LookUp; LookedUp;
        FlowList; FlowView; FlowStep; FlowChoice; StartFlow; RunFlowStep; FlowRunRef; ExchangeView; FlowStepDone; FlowRunView; FlowRuns;
        SingleUseView; SingleUseList; AccountRef; CheckLine; CheckResult; CapabilityLine; Progress; PassView; StateCounts;
        AccountView; LocalCopy; AccountList; StartSync;
        FindPeople; FoundBy; AccountTag; PersonRow; Count; SearchedAccount; PeopleFound; PersonRef; PersonCards;
        Carriers; SwitchesView; CardView; CustomerView; Withheld; OneClickAnswer; PersonView; ListCards; CardPage; CardRef;
        CardVersion; DeskNote; DeletionFacts; CardDetail; PortalLink;
        SetOneClick; SetActive; DeleteCard; MarkCard; HoldView; SideView; ConflictStep; ConflictView; ChangeView; ListChanges;
        ChangeList; ChangeRef; ResolveChange; PushChanges; PushResult;
        MakePlan; PlanAccount; PlanSkip; PlanWarning; PlanConfirmation; PlanCounts; PlanView; PlanList; PlanRef; RunPlan;
        PlanRows; PlanRow; PlanRowPage;
        LogFilter; ListLog; LogRow; LogPage; LogVerified; ExportLog; Exported; ListTimeline; TimelineItem; TimelinePage;
        BackupView; BackupList; MakeBackup; RestoreBackup;
    }
}

/// The whole file `ui/src/contract/index.ts`.
pub fn render() -> String {
    let cfg = Config::new().with_large_int("number");
    let mut file = String::from(
        "// The contract between the window and the desk. Generated by `cargo xtask gen` from src-tauri/crates/desk/src/contract;\n\
         // do not edit. A test fails when the two differ.\n\n",
    );
    for declaration in declarations(&cfg) {
        file.push_str("export ");
        file.push_str(&declaration);
        file.push('\n');
    }
    file.push_str("\nexport interface Commands {\n");
    for line in command_lines(&cfg) {
        file.push_str(&line);
        file.push('\n');
    }
    file.push_str("}\n");
    file
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn the_committed_contract_is_what_these_types_say() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../ui/src/contract/index.ts");
        let wanted = super::render();
        if std::env::var_os("TOKENDESK_WRITE_CONTRACT").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &wanted).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == wanted,
            "ui/src/contract/index.ts is out of date: run `cargo xtask gen`"
        );
    }
}
