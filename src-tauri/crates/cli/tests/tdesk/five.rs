//! All five payment systems over real sockets, and how each is connected the way a person types it.

use crate::ground::{Desk, Said, started, text};
use serde_json::Value;
use std::path::PathBuf;
use tokendesk_sandbox::{Options, People, Running, SystemHandle};

/// All of them, in the order they are offered.
pub const ALL: [&str; 5] = ["wallee", "processout", "komoju", "zafapay", "prism"];

/// All five with a few customers each.
pub fn shop(seed: u64) -> Running {
    started(Options {
        customers: 12,
        seed,
        systems: Options::all_systems(),
        people: People::Shared,
        ..Options::default()
    })
}

/// What connects a system: arguments after `account add SYSTEM`, and what is typed on standard input.
pub fn credentials(system: &SystemHandle, name: &str) -> (Vec<String>, String) {
    let told = system.connection();
    let named: &[(&str, &str)] = match name {
        "wallee" => &[("--host", "host"), ("--space", "space"), ("--user", "user")],
        "processout" => &[("--host", "host"), ("--project", "project")],
        "komoju" | "zafapay" => &[("--host", "host"), ("--publishable-key", "publishable_key")],
        _ => &[("--host", "endpoint"), ("--connector", "connector")],
    };
    let args = named
        .iter()
        .flat_map(|(option, member)| [(*option).to_owned(), text(&told[*member])])
        .collect();
    let secret = match name {
        "wallee" => text(&told["key"]),
        "processout" => text(&told["secret"]),
        "komoju" => text(&told["secret_key"]),
        "zafapay" => text(&told["access_token"]),
        _ => told["connector_config"].to_string(),
    };
    (args, secret)
}

impl Desk {
    /// Empty, and connected to all five as demo accounts, each under its system's name.
    pub fn of_five(shop: &Running) -> Self {
        let desk = Self::new();
        for name in ALL {
            desk.connect_system(shop, name).json();
        }
        desk
    }

    /// Connects one of the systems as a demo account under its own name.
    pub fn connect_system(&self, shop: &Running, name: &str) -> Said {
        let (args, secret) = credentials(&shop.system(name), name);
        let mut line = vec!["--json", "account", "add", name, "--label", name, "--env", "demo"];
        line.extend(args.iter().map(String::as_str));
        self.run_with(&line, &format!("{secret}\n"))
    }

    /// A file beside the data folder.
    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.data().with_file_name(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Imports a file; the words of the command follow.
    pub fn import(&self, account: &str, bytes: &[u8], more: &[&str]) -> Said {
        let path = self.file("directory.csv", bytes);
        let path = path.to_str().unwrap();
        let mut line = vec!["--json", "directory", "import", account, path];
        line.extend(more);
        self.run(&line)
    }
}

/// The shop's own list of its customers at Zafapay.
pub fn zafapays_customers(shop: &Running) -> String {
    text(&shop.system("zafapay").truth("directory.csv").unwrap())
}

/// The tokens that Prism's connector gave out.
pub fn prisms_tokens(shop: &Running) -> String {
    let rows = shop.system("prism").truth("directory").unwrap()["rows"].clone();
    let mut file = "customer id,email,token\n".to_owned();
    for row in rows.as_array().unwrap() {
        let cell = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        file.push_str(&format!(
            "{},{},{}\n",
            cell("customer"),
            cell("email"),
            cell("token")
        ));
    }
    file
}

/// The capability of an account, by its name in the contract.
pub fn line<'a>(lines: &'a Value, member: &str, name: &str) -> &'a Value {
    lines
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line[member] == name)
        .unwrap_or_else(|| panic!("{name} in {lines}"))
}
