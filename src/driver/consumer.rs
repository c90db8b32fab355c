//! Who consumes an operation: promises that wait for what its queue will bring.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;

use super::{Driver, error, host};
use crate::error::Error;

/// What the consumer wants of the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// All results, each by a promise of `{ value, done }`.
    Results,
    /// One result, by a promise of it, and then no more.
    Answer,
}

/// The promises that wait. Their `resolve` and `reject` stay on the JavaScript side, in an array;
/// their number is here, so that a result for which nobody waits does not ask there.
pub struct Consumer {
    pub wants: Wants,
    waiters: Array,
    waiting: Cell<u32>,
    /// While a promise waits, the driver stays: the user may hold nothing but the promise.
    kept: RefCell<Option<Rc<Driver>>>,
    /// The iterator was garbage-collected while promises of its waited.
    pub abandoned: Cell<bool>,
}

impl Consumer {
    pub fn new(wants: Wants) -> Self {
        Consumer {
            wants,
            waiters: Array::new(),
            waiting: Cell::new(0),
            kept: RefCell::new(None),
            abandoned: Cell::new(false),
        }
    }

    pub fn is_waiting(&self) -> bool {
        self.waiting.get() > 0
    }

    pub fn wait(&self, driver: Option<Rc<Driver>>) -> Promise {
        *self.kept.borrow_mut() = driver;
        self.waiting.set(self.waiting.get() + 1);
        host::wait(&self.waiters)
    }

    pub fn settle_result(&self, result: JsValue) {
        self.settled();
        match self.wants {
            Wants::Results => host::settle_result(&self.waiters, result),
            Wants::Answer => host::settle_value(&self.waiters, result),
        }
    }

    pub fn settle_done(&self) {
        self.settled();
        host::settle_done(&self.waiters);
    }

    pub fn settle_error(&self, error: Error<JsValue>) {
        self.settled();
        host::settle_error(&self.waiters, &error::to_js(error));
    }

    fn settled(&self) {
        self.waiting.set(self.waiting.get().saturating_sub(1));
        if !self.is_waiting() {
            // Not the last one: whoever calls this has come by another.
            self.kept.take();
        }
    }
}
