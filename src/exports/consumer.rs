//! Consumers in JavaScript: the promises of an iterator, one promise, or an observer.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::failure::Failure;
use crate::core::error::Error;
use crate::driver::Ended;

#[wasm_bindgen(typescript_custom_section)]
const TYPESCRIPT: &str = r#"
/** Who takes the results of an operation, or waits for the end of `connect` or `close`. No method may throw. */
export interface Consumer {
  /**
   * Takes a result. Returns whether to go on handing results over as they come; else they are queued until
   * {@link Handle.take} finds nothing more.
   */
  next(result: object): boolean;
  /** The operation is over. Called at most once, as is `error`, and only while results are handed over. */
  complete(): void;
  error(failure: Failure): void;
}
"#;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(typescript_type = "Consumer")]
    pub type JsConsumer;

    #[wasm_bindgen(method)]
    fn next(this: &JsConsumer, result: JsValue) -> bool;

    #[wasm_bindgen(method)]
    fn complete(this: &JsConsumer);

    #[wasm_bindgen(method)]
    fn error(this: &JsConsumer, failure: Failure);
}

pub(super) struct Consumer {
    js: JsConsumer,
    /// Whether it wants the first result, and no more.
    wants_one: bool,
    /// Whether it is handed what comes. Here, so that a result which is queued does not ask there.
    is_handed: Cell<bool>,
}

impl Consumer {
    pub(super) fn of_all(js: JsConsumer) -> Self {
        Consumer {
            js,
            wants_one: false,
            is_handed: Cell::new(false),
        }
    }

    pub(super) fn of_one(js: JsConsumer) -> Self {
        Consumer {
            js,
            wants_one: true,
            is_handed: Cell::new(true),
        }
    }

    pub(super) fn wants_one(&self) -> bool {
        self.wants_one
    }

    pub(super) fn is_handed(&self) -> bool {
        self.is_handed.get()
    }

    /// From now on it is handed what comes.
    pub(super) fn hand_over(&self) {
        self.is_handed.set(true);
    }

    /// Hands over a result.
    pub(super) fn next(&self, result: JsValue) {
        let goes_on = self.js.next(result);
        // It may have left meanwhile.
        self.is_handed.set(goes_on && self.is_handed.get());
    }

    /// Tells it the end, if it is handed what comes.
    pub(super) fn end(&self, error: Option<Rc<Error<JsValue>>>) {
        if self.is_handed.replace(false) {
            tell(&self.js, error.map_or(Ok(()), Err));
        }
    }
}

pub(super) fn tell(consumer: &JsConsumer, ended: Ended) {
    match ended {
        Ok(()) => consumer.complete(),
        Err(error) => consumer.error(Failure::new(error)),
    }
}
