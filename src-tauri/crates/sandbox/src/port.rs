//! The port of one system: open, or shut so that it refuses, and the same one again. Knows nothing of what is said on it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::door::Door;
use crate::systems::Serve;

pub(crate) struct Port {
    pub(crate) door: Arc<Door>,
    number: u16,
    serve: Serve,
    tls: Option<TlsAcceptor>,
    runtime: Handle,
    state: Mutex<State>,
}

enum State {
    Open(JoinHandle<()>),
    /// Bound without listening: who connects is refused, and nobody else can take the number.
    Shut(TcpSocket),
    Over,
}

impl Port {
    /// Serves on a socket that listens already.
    pub(crate) fn open(
        listener: std::net::TcpListener,
        tls: Option<TlsAcceptor>,
        serve: Serve,
        door: Arc<Door>,
        runtime: Handle,
    ) -> io::Result<Self> {
        let number = listener.local_addr()?.port();
        let listener = {
            let _inside = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let serving = runtime.spawn(serve(listener, tls.clone(), Arc::clone(&door)));
        Ok(Self {
            door,
            number,
            serve,
            tls,
            runtime,
            state: Mutex::new(State::Open(serving)),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_open(&self) -> bool {
        matches!(*self.state(), State::Open(_))
    }

    /// Closes the port and every connection on it; nothing when it is shut. Refuses from when it returns.
    pub(crate) fn shut(&self) -> io::Result<()> {
        let mut state = self.state();
        let serving = match std::mem::replace(&mut *state, State::Over) {
            State::Open(serving) => serving,
            as_it_was => {
                *state = as_it_was;
                return Ok(());
            }
        };
        self.end(serving);
        let socket = TcpSocket::new_v4()?;
        // What was just closed lingers on the number for a while.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, self.number)))?;
        *state = State::Shut(socket);
        Ok(())
    }

    /// Listens again on the same number; nothing when it does.
    pub(crate) fn open_again(&self) -> io::Result<()> {
        let mut state = self.state();
        match std::mem::replace(&mut *state, State::Over) {
            State::Shut(socket) => {
                let listener = {
                    let _inside = self.runtime.enter();
                    socket.listen(1_024)?
                };
                let served = (self.serve)(listener, self.tls.clone(), Arc::clone(&self.door));
                *state = State::Open(self.runtime.spawn(served));
            }
            as_it_was => *state = as_it_was,
        }
        Ok(())
    }

    /// Gives the number back; the sandbox ends.
    pub(crate) fn leave(&self) {
        if let State::Open(serving) = std::mem::replace(&mut *self.state(), State::Over) {
            serving.abort();
        }
    }

    /// Returns when nothing is served any more.
    fn end(&self, serving: JoinHandle<()>) {
        let (ended, wait) = mpsc::channel();
        self.runtime.spawn(async move {
            serving.abort();
            // Cancelled is what it is to be.
            let _ = serving.await;
            // Nobody waits any more only when the runtime ends, which closes the port too.
            let _ = ended.send(());
        });
        let _ = wait.recv();
    }
}
