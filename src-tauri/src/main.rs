//! The shell: one window, thin commands, and what only a desktop program can do (clipboard, browser, closing).
//!
//! The only crate that knows Tauri. It must not know what a card is, how a provider is asked or where anything is stored:
//! every command hands its request to the desk and its answer back.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod clipboard;
mod closing;
mod commands;
mod host;
mod identity;
mod log;
mod opening;
mod places;
mod window;

use clipboard::Clipboard;
use closing::Closing;
use opening::Opening;
use places::Places;
use std::sync::Arc;
use tauri::{AppHandle, Manager};
use tokendesk_desk::contract::Nothing;
use tokendesk_desk::{Desk, DeskOptions, HttpOptions, Secrets, SystemClock};

fn main() -> std::process::ExitCode {
    log::start();
    let overridden = places::data_folder_from_environment();
    let mut builder = tauri::Builder::default();
    // A folder named by hand may be used beside the everyday one; the desk's own lock guards each of them.
    if overridden.is_none() {
        builder = builder.plugin(tauri_plugin_single_instance::init(|app, _arguments, _folder| {
            window::show(app)
        }));
    }
    let built = builder
        .manage(Clipboard::start())
        .manage(Closing::default())
        .invoke_handler(commands::handler())
        .setup(move |app| {
            let places = Places::find(app.handle(), overridden)?;
            app.manage(opening(app.handle(), &places));
            app.manage(places);
            window::build(app.handle())?;
            closing::on_signals(app.handle());
            if std::env::var_os("TOKENDESK_START_DEMO").is_some_and(|value| value == "1") {
                tauri::async_runtime::spawn(begin_demo(app.handle().clone()));
            }
            Ok(())
        })
        .build(tauri::generate_context!());
    match built {
        Ok(app) => {
            app.run(closing::on_event);
            std::process::ExitCode::SUCCESS
        }
        Err(error) => {
            // Before there is a window, standard error is the only place to say it.
            #[allow(clippy::print_stderr, reason = "there is no window to say it in")]
            {
                eprintln!("Tokendesk cannot open its window: {error}");
            }
            std::process::ExitCode::FAILURE
        }
    }
}

/// How the desk is opened, now and whenever a person asks again.
fn opening(app: &AppHandle, places: &Places) -> Opening<Desk> {
    let host = Arc::new(host::Shell::new(app.clone()));
    let (folder, passphrase_file) = (places.data.clone(), places.passphrase_file.clone());
    Opening::begin(move || {
        let (folder, passphrase_file, host) = (folder.clone(), passphrase_file.clone(), host.clone());
        async move {
            let secrets = match &passphrase_file {
                Some(path) => Secrets::from_passphrase_file(path)?,
                None => Secrets::Keychain,
            };
            let options = DeskOptions {
                folder,
                secrets,
                background: true,
                share: false,
                http: HttpOptions::default(),
                clock: Arc::new(SystemClock),
            };
            Desk::open(options, host).await
        }
    })
}

/// Starts the demo without a click, when nothing is connected yet.
async fn begin_demo(app: AppHandle) {
    let Ok(desk) = app.state::<Opening<Desk>>().desk().await else {
        return;
    };
    let first_start = desk
        .desk_status(Nothing {})
        .await
        .is_ok_and(|status| status.first_start);
    if first_start && let Err(problem) = desk.start_demo(Nothing {}).await {
        tracing::warn!(code = ?problem.code, "the demo did not start");
    }
}
