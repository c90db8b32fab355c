//! Consumers in JavaScript: the promises of an iterator, one promise, or an observer.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::failure::Failure;
use crate::core::error::Error;
use crate::core::lasting::Notice;
use crate::core::output::AskId;
use crate::driver::{Ended, wall_time};

#[wasm_bindgen(typescript_custom_section)]
const TYPESCRIPT: &str = r#"
/** Who takes the results of an operation, or waits for the end of `connect` or `close`. No method may throw. */
export interface Consumer {
  /**
   * Takes a result. Returns whether to go on handing results over as they come; else they are queued until
   * {@link Handle.take} finds nothing more. Of {@link Handle.execute}: whether it is only a part of the answer; else
   * the operation is left.
   */
  next(result: object): boolean;
  /** The operation is over. Called at most once, as is `error`, and only while results are handed over. */
  complete(): void;
  error(failure: Failure): void;
  /** Takes a notice, which stands among the results. Times are those of `Date.now()`. */
  interrupted(failure: Failure, lostAt: number): void;
  resumed(lostAt: number, resumedAt: number, attempts: number, cursor: unknown): void;
  /** The server has the operation: for sure, or as far as time can tell. After {@link Handle.watch}, at most once. */
  active(confirmed: boolean): void;
  /** The server will not have it; `failure` is undefined if the client was closed. In place of `active`. */
  notActive(failure: Failure | undefined): void;
  /** Whether a result is one that did not come before. Only if the operation `resumes`, as is `resume`. */
  examine(result: object): boolean;
  /** Has the request to go on with answered by {@link Handle.answerRequest}, now or later. */
  resume(ask: number): void;
}
"#;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(typescript_type = "Consumer")]
    pub type JsConsumer;

    #[wasm_bindgen(method)]
    fn next(this: &JsConsumer, result: &JsValue) -> bool;

    #[wasm_bindgen(method)]
    fn complete(this: &JsConsumer);

    #[wasm_bindgen(method)]
    fn error(this: &JsConsumer, failure: Failure);

    #[wasm_bindgen(method)]
    fn interrupted(this: &JsConsumer, failure: Failure, lost_at: f64);

    #[wasm_bindgen(method)]
    fn resumed(this: &JsConsumer, lost_at: f64, resumed_at: f64, attempts: u32, cursor: JsValue);

    #[wasm_bindgen(method)]
    pub(super) fn active(this: &JsConsumer, confirmed: bool);

    #[wasm_bindgen(method, js_name = notActive)]
    pub(super) fn not_active(this: &JsConsumer, failure: Option<Failure>);

    #[wasm_bindgen(method)]
    pub(super) fn examine(this: &JsConsumer, result: &JsValue) -> bool;

    #[wasm_bindgen(method)]
    pub(super) fn resume(this: &JsConsumer, ask: AskId);
}

pub(super) struct Consumer {
    js: JsConsumer,
    /// Whether it wants one answer, and no more.
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

    /// Hands over a result. Returns whether it is handed the next one too.
    pub(super) fn next(&self, result: &JsValue) -> bool {
        let goes_on = self.js.next(result);
        // It may have left meanwhile.
        self.is_handed.set(goes_on && self.is_handed.get());
        goes_on
    }

    /// Hands over a notice.
    pub(super) fn notice(&self, notice: Notice<JsValue>) {
        match notice {
            Notice::Interrupted { error, lost_at } => {
                self.js.interrupted(Failure::new(error), wall_time(lost_at));
            }
            Notice::Resumed {
                lost_at,
                resumed_at,
                attempts,
                cursor,
            } => self.js.resumed(
                wall_time(lost_at),
                wall_time(resumed_at),
                attempts,
                cursor.unwrap_or_default(),
            ),
        }
    }

    pub(super) fn js(&self) -> &JsConsumer {
        &self.js
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
