//! Consumers in JavaScript: promises, or an observer.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::JsValue;

use super::Consumer as JsConsumer;
use crate::driver::{Consumer, Driver, Ended, error};
use crate::error::Error;
use crate::message::OperationId;
use crate::operations::Polled;

/// Waits for all that comes.
const FOR_ALL: u32 = u32::MAX;

pub(super) struct Waiting {
    consumer: JsConsumer,
    wants_one: bool,
    /// How many promises wait. Here, so that a result for which nobody waits does not ask there.
    waiting: Cell<u32>,
}

impl Waiting {
    /// `wants_one`: a promise of the first result waits, and then no more.
    pub(super) fn new(consumer: JsConsumer, wants_one: bool) -> Self {
        Waiting {
            consumer,
            wants_one,
            waiting: Cell::new(wants_one.into()),
        }
    }

    /// One more promise waits.
    pub(super) fn wait(&self) {
        self.waiting.set(self.waiting.get() + 1);
    }

    pub(super) fn wait_for_all(&self) {
        self.waiting.set(FOR_ALL);
    }

    fn served(&self) {
        match self.waiting.get() {
            FOR_ALL => {}
            waiting => self.waiting.set(waiting.saturating_sub(1)),
        }
    }

    fn end(&self, error: Option<Rc<Error<JsValue>>>) {
        self.served();
        if self.waiting.get() == FOR_ALL {
            self.waiting.set(0);
        }
        tell(&self.consumer, error.map_or(Ok(()), Err));
    }
}

fn tell(consumer: &JsConsumer, ended: Ended) {
    match ended {
        Ok(()) => consumer.complete(),
        Err(error) => consumer.error(&error::to_js(&error)),
    }
}

impl Consumer for Waiting {
    type Waiter = JsConsumer;

    fn tell(waiter: JsConsumer, ended: Ended) {
        tell(&waiter, ended);
    }

    /// Gives those who wait what there is.
    fn wake(&self, driver: &Driver<Self>, id: OperationId) {
        while self.waiting.get() > 0 {
            match driver.poll(id) {
                Polled::Result(result) => {
                    self.served();
                    if self.wants_one {
                        driver.answered(id, &result);
                    }
                    self.consumer.next(result);
                    if self.wants_one {
                        driver.flush();
                    }
                }
                Polled::Ended(None) if self.wants_one => self.end(Some(Error::no_answer(id))),
                Polled::Ended(error) => self.end(error),
                Polled::Gone => self.end(None),
                Polled::Pending => break,
            }
        }
    }

    fn dismiss(&self) {
        if self.waiting.get() == FOR_ALL {
            // It is called no more.
            self.waiting.set(0);
        }
        while self.waiting.get() > 0 {
            self.end(None);
        }
    }
}
