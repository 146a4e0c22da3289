//! Starts and ends a sandbox, inside a process or as the program `tokendesk-sandbox`.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;

use crate::clock;
use crate::control::ControlDoor;
use crate::door::Door;
use crate::faults::FaultRule;
use crate::handle::SystemHandle;
use crate::journal::Journal;
use crate::options::{Options, StartError};
use crate::playground::Playground;
use crate::port::Port;
use crate::stats::Write;
use crate::switch_table::SwitchError;
use crate::switches::Switches;
use crate::system::SystemOptions;
use crate::systems::{self, HTTP, OTHERS, Registered, Serve, WALLEE};
use crate::tls;
use crate::truth::{EditError, EditRequest, NewTokenRequest, TokenTruth};
use crate::wallee::{Identity, Wallee};
use crate::wire::serve;
use crate::world;

/// The sandbox; see [`Sandbox::start`].
pub struct Sandbox;

/// A sandbox that is serving. Ends when dropped. Has no `Debug`: it knows a key.
pub struct Running {
    /// Where wallee is: scheme, host and port; empty when it is not played.
    pub origin: String,
    /// The one space, digits.
    pub space: String,
    /// The application user, digits.
    pub user: String,
    /// Its authentication key, standard base64 of 32 bytes.
    pub key: String,
    /// Address of the control endpoint, with its unguessable path.
    pub control: Option<String>,
    /// The authority to trust when it speaks TLS.
    pub ca_pem: Option<String>,
    playground: Arc<Playground>,
    wallee: Arc<Door>,
    systems: BTreeMap<&'static str, SystemHandle>,
    ending: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Makes the worlds and serves them from threads of its own, until the answer is stopped or dropped.
    /// Ready when it returns. May be called with or without an async runtime around.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start(options: Options) -> Result<Running, StartError> {
        let played = played(&options.systems)?;
        let now = clock::now();
        let base = options
            .month
            .and_then(|(year, month)| clock::first_of(year, month))
            .unwrap_or_else(|| clock::month_start(now));
        let wanted: Vec<&Registered> = OTHERS.iter().filter(|s| played.contains(&s.name)).collect();
        let others = SystemOptions {
            customers: options.customers,
            seed: options.seed,
            month_start_ms: base,
            people: options.people,
        };
        // Each world is made for itself: side by side, five take little longer than the largest.
        let (playground, others) = std::thread::scope(|scope| {
            let making: Vec<_> = wanted
                .into_iter()
                .map(|system| (system, scope.spawn(|| (system.make)(&others))))
                .collect();
            let playground = playground(&options, base, now);
            let made = making
                .into_iter()
                .map(|(system, world)| world.join().map(|world| (system, world)))
                .collect::<Result<Vec<_>, _>>();
            (playground, made)
        });
        let playground = Arc::new(playground?);
        let others = others.map_err(|_| StartError::World)?;

        let certificate = options
            .tls
            .then(tls::certificate)
            .transpose()
            .map_err(StartError::Tls)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1 + played.len())
            .thread_name("sandbox")
            .enable_all()
            .build()
            .map_err(StartError::Runtime)?;

        let wallee = Arc::new(Door::new(Arc::new(Wallee(Arc::clone(&playground)))));
        let wallee_port =
            played
                .contains(&WALLEE)
                .then_some((Arc::clone(&wallee), systems::http as Serve, HTTP));
        let other_ports = others
            .into_iter()
            .map(|(system, world)| (Arc::new(Door::new(world)), system.serve, system.protocols));
        let mut systems = BTreeMap::new();
        for (door, serve, protocols) in wallee_port.into_iter().chain(other_ports) {
            let name = door.system.name();
            let first = played.first() == Some(&name);
            let (listener, number) = listen(if first { options.port } else { 0 })?;
            let origin = if options.tls {
                format!("https://localhost:{number}")
            } else {
                format!("http://127.0.0.1:{number}")
            };
            let tls = certificate
                .as_ref()
                .map(|certificate| certificate.acceptor(protocols));
            let port = Port::open(listener, tls, serve, door, runtime.handle().clone());
            let port = Arc::new(port.map_err(StartError::Runtime)?);
            systems.insert(name, SystemHandle::new(origin, port));
        }
        for (system, name, value) in &options.system_switches {
            let handle = systems
                .get(system.as_str())
                .ok_or_else(|| StartError::NoSuchSystem(system.clone()))?;
            handle.set_switch(name, value)?;
        }

        let control = if options.control {
            let (listener, number) = listen(0)?;
            let door = ControlDoor {
                playground: Arc::clone(&playground),
                wallee: Arc::clone(&wallee),
                systems: systems.clone(),
                host: format!("127.0.0.1:{number}"),
                secret: format!("{:032x}", rand::random::<u128>()),
            };
            let address = format!("http://{}/{}", door.host, door.secret);
            let listener = {
                let _inside = runtime.enter();
                tokio::net::TcpListener::from_std(listener).map_err(StartError::Runtime)?
            };
            runtime.spawn(serve(listener, None, Arc::new(door)));
            Some(address)
        } else {
            None
        };

        let (ending, ended) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("sandbox-main".to_owned())
            .spawn(move || {
                // Told to end, or the owner is gone: the same.
                let _ = runtime.block_on(ended);
                runtime.shutdown_timeout(Duration::from_secs(1));
            })
            .map_err(StartError::Runtime)?;
        Ok(Running {
            origin: systems.get(WALLEE).map(|s| s.origin.clone()).unwrap_or_default(),
            space: playground.space.to_string(),
            user: playground.identity.user.clone(),
            key: STANDARD.encode(playground.identity.key),
            control,
            ca_pem: certificate.map(|certificate| certificate.authority),
            playground,
            wallee,
            systems,
            ending: Some(ending),
            thread: Some(thread),
        })
    }
}

/// The systems asked for, each once.
fn played(names: &[String]) -> Result<Vec<&'static str>, StartError> {
    let mut played = Vec::new();
    for name in names {
        let name = systems::known(name).ok_or_else(|| StartError::NoSuchSystem(name.clone()))?;
        if !played.contains(&name) {
            played.push(name);
        }
    }
    Ok(played)
}

fn playground(options: &Options, base: i64, now: i64) -> Result<Playground, StartError> {
    let space = 10_000 + world::pick(options.seed, 80, 0) % 80_000;
    let user_seed = options.user_seed.unwrap_or(options.seed);
    let user = 10_000 + world::pick(user_seed, 81, 0) % 80_000;
    let mut world = world::generate(options.customers, options.seed, space, base);
    let journal = options
        .journal
        .as_ref()
        .map(|path| Journal::open(path, options.customers, &mut world, now).map_err(StartError::Journal))
        .transpose()?;
    let identity = Identity {
        user: user.to_string(),
        key: key_from(user_seed),
    };
    Ok(Playground::new(identity, world, options.switches, journal))
}

fn listen(port: u16) -> Result<(TcpListener, u16), StartError> {
    let listener = TcpListener::bind(("127.0.0.1", port)).map_err(StartError::Bind)?;
    listener.set_nonblocking(true).map_err(StartError::Bind)?;
    let port = listener.local_addr().map_err(StartError::Bind)?.port();
    Ok((listener, port))
}

fn key_from(seed: u64) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"tokendesk sandbox key ");
    hash.update(seed.to_be_bytes());
    hash.finalize().into()
}

impl Running {
    /// Ends it and waits until its port is free.
    pub fn stop(mut self) {
        self.end();
    }

    /// One of the systems that are played.
    ///
    /// # Panics
    /// When no system of that name is played.
    pub fn system(&self, name: &str) -> SystemHandle {
        self.systems[name].clone()
    }

    /// All systems that are played, by name.
    pub fn systems(&self) -> &BTreeMap<&'static str, SystemHandle> {
        &self.systems
    }

    fn end(&mut self) {
        if let Some(ending) = self.ending.take() {
            // Nobody listening means it has ended already.
            let _ = ending.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        for system in self.systems.values() {
            system.leave();
        }
    }

    /// What the server holds of a token, purged ones as gone.
    pub fn token(&self, id: u64) -> Option<TokenTruth> {
        self.playground.token(id)
    }

    /// Ids of all tokens not purged, rising.
    pub fn token_ids(&self) -> Vec<u64> {
        self.playground
            .look(|world| world.tokens.iter().filter(|t| !t.gone).map(|t| t.id).collect())
    }

    /// All tokens not purged, rising by id.
    pub fn tokens(&self) -> Vec<TokenTruth> {
        self.playground.tokens(|_, _| true)
    }

    /// Tokens with exactly this email.
    pub fn tokens_by_email(&self, email: &str) -> Vec<TokenTruth> {
        self.playground
            .tokens(|world, place| world.email(&world.tokens[place]) == Some(email))
    }

    /// Sets a switch while serving.
    ///
    /// # Errors
    /// [`SwitchError`]; nothing changes then.
    pub fn set_switch(&self, name: &str, value: &str) -> Result<(), SwitchError> {
        self.playground.set_switches([(name, value)])
    }

    /// The switches now.
    pub fn switches(&self) -> Switches {
        self.playground.switches()
    }

    /// Adds a fault rule after those in force.
    pub fn add_fault(&self, rule: FaultRule) {
        self.wallee.faults().add(vec![rule]);
    }

    /// Drops all fault rules.
    pub fn clear_faults(&self) {
        self.wallee.faults().clear();
    }

    /// The last calls that asked for a change, oldest first, refused ones too.
    pub fn writes(&self) -> Vec<Write> {
        self.wallee.stats().writes()
    }

    /// How many calls came so far.
    pub fn requests(&self) -> u64 {
        self.wallee.stats().requests()
    }

    /// An edit by somebody else.
    ///
    /// # Errors
    /// [`EditError`]; nothing changes then.
    pub fn edit(&self, edit: EditRequest) -> Result<TokenTruth, EditError> {
        self.playground.edit(edit)
    }

    /// A token made by somebody else.
    ///
    /// # Errors
    /// [`EditError`]; nothing changes then.
    pub fn add_token(&self, token: NewTokenRequest) -> Result<TokenTruth, EditError> {
        self.playground.add_token(token)
    }

    /// Removes a token for good, now.
    ///
    /// # Errors
    /// [`EditError::NoSuchToken`].
    pub fn purge(&self, id: u64) -> Result<(), EditError> {
        self.playground.purge(id)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}
