//! The async iterator that `subscribe` gives.

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::request::Asked;
use crate::driver::{Consumer, Driver, host};
use crate::message::OperationId;

/// The results of one operation. Leaving the iteration early, in whatever way, stops the
/// operation.
#[wasm_bindgen]
pub struct Subscription {
    driver: Rc<Driver>,
    consumer: Rc<Consumer>,
    id: OperationId,
}

impl Subscription {
    pub(super) fn start(driver: &Rc<Driver>, asked: Asked) -> JsValue {
        let consumer = Consumer::of_results();
        let id = driver.subscribe(asked.request, &consumer, asked.signal.as_ref());
        let iterator = JsValue::from(Subscription {
            driver: driver.clone(),
            consumer,
            id,
        });
        host::become_async_iterator(&iterator);
        iterator
    }
}

#[wasm_bindgen]
impl Subscription {
    /// The next result; several calls may wait at once and are served in their order.
    #[allow(clippy::should_implement_trait)] // JavaScript's name
    pub fn next(&self) -> Promise {
        self.driver.next(self.id, &self.consumer)
    }

    /// Leaves: nothing more comes, and the server is told, unless `sendStop` is false.
    #[wasm_bindgen(js_name = "return")]
    pub fn leave(&self, value: JsValue) -> Promise {
        self.driver.leave(self.id, &self.consumer);
        host::ready_done(value)
    }

    /// Leaves, and gives the error back.
    #[wasm_bindgen(js_name = "throw")]
    pub fn throw(&self, error: JsValue) -> Promise {
        self.driver.leave(self.id, &self.consumer);
        Promise::reject(&error)
    }

    /// Leaves at the end of an `await using` block.
    #[wasm_bindgen(js_name = "[Symbol.asyncDispose]")]
    pub fn dispose(&self) -> Promise {
        self.driver.leave(self.id, &self.consumer);
        Promise::resolve(&JsValue::UNDEFINED)
    }
}

impl Drop for Subscription {
    /// Called when the iterator was garbage-collected.
    fn drop(&mut self) {
        self.driver.abandon(self.id, &self.consumer);
    }
}
