//! The driver behind a handle. Only WebAssembly has a host for one: elsewhere a handle holds nothing, can be sent
//! to any thread and has nothing to drop, so that a server may render the components that hold it.

use std::rc::Rc;

use super::connection::{CloseReason, Dialect, Payloads};
use super::host::AppHost;
use super::wait;
use crate::Error;
use crate::core::client::Client as Core;
use crate::core::config::Config;
use crate::core::message::Liveness;
use crate::driver::Driver;

#[derive(Clone)]
pub(super) struct Link {
    #[cfg(target_arch = "wasm32")]
    driver: Rc<Driver<AppHost>>,
}

#[cfg(target_arch = "wasm32")]
impl Link {
    /// `make`: what a driver is made of.
    pub(super) fn new(
        make: impl FnOnce() -> Result<(Config, AppHost), Error>,
    ) -> Result<Self, Error> {
        let (config, host) = make()?;
        let driver = Driver::new(config, host);
        Ok(Link { driver })
    }

    pub(super) fn driver(&self) -> Result<&Rc<Driver<AppHost>>, Error> {
        Ok(&self.driver)
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Link {
    /// What was given is not looked at: that takes a host.
    pub(super) fn new(
        _make: impl FnOnce() -> Result<(Config, AppHost), Error>,
    ) -> Result<Self, Error> {
        Ok(Link {})
    }

    pub(super) fn driver(&self) -> Result<&Rc<Driver<AppHost>>, Error> {
        Err(Error::only_in_web_assembly())
    }
}

/// What a transport and a client have in common.
impl Link {
    pub(super) async fn close(&self) {
        let Ok(driver) = self.driver() else {
            return;
        };
        let (done, closed) = wait();
        driver.close(done);
        // It cannot fail: whatever happens, the connection is over.
        let _ = closed.await;
    }

    pub(super) fn send_ping(&self) -> Result<(), Error> {
        let sent = self.driver()?.send(Liveness::Ping, None);
        sent.map_err(Error::shared)
    }

    pub(super) fn dialect(&self) -> Option<Dialect> {
        let dialect = self.driver().ok()?.read(Core::dialect);
        dialect.map(Dialect::from)
    }

    pub(super) fn payloads(&self) -> Payloads {
        let payloads = self
            .driver()
            .map(|driver| driver.read(|core| core.payloads().into()));
        payloads.unwrap_or_default()
    }

    pub(super) fn close_reason(&self) -> Option<CloseReason> {
        self.driver().ok()?.host().close_reason()
    }
}

impl Eq for Link {}

/// Whether both are the same. Those that hold nothing are.
impl PartialEq for Link {
    fn eq(&self, other: &Self) -> bool {
        match (self.driver(), other.driver()) {
            (Ok(one), Ok(other)) => Rc::ptr_eq(one, other),
            _ => true,
        }
    }
}
