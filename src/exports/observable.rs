//! The observable that `observe` gives.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::request::Asked;
use crate::driver::{Consumer, Driver, host};
use crate::message::OperationId;

/// An operation that begins anew with each call of `subscribe`.
#[wasm_bindgen]
pub struct Observable {
    driver: Rc<Driver>,
    asked: Asked,
}

impl Observable {
    pub(super) fn make(driver: &Rc<Driver>, asked: Asked) -> JsValue {
        let observable = JsValue::from(Observable {
            driver: driver.clone(),
            asked,
        });
        host::become_observable(&observable);
        observable
    }
}

#[wasm_bindgen]
impl Observable {
    /// Starts the operation; takes an observer, or its methods one by one.
    pub fn subscribe(&self, next: &JsValue, error: &JsValue, complete: &JsValue) -> Observation {
        let observer = host::to_observer(next, error, complete);
        let signal = self.asked.signal.as_ref();
        let (id, consumer) = self
            .driver
            .observe(self.asked.request.clone(), observer, signal);
        Observation {
            driver: self.driver.clone(),
            consumer,
            id,
        }
    }
}

/// One run of an observed operation, to be ended by who started it.
#[wasm_bindgen]
pub struct Observation {
    driver: Rc<Driver>,
    consumer: Rc<Consumer>,
    id: OperationId,
}

#[wasm_bindgen]
impl Observation {
    /// Ends it: the observer is called no more, and the server is told, unless `sendStop` is false.
    pub fn unsubscribe(&self) {
        self.driver.leave(self.id, &self.consumer);
    }

    /// Whether the observer is called no more.
    #[wasm_bindgen(getter)]
    pub fn closed(&self) -> bool {
        !self.consumer.is_waiting()
    }
}
