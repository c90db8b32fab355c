//! What the host calls, and whom of the user's it is told to.

use std::cell::RefCell;
use std::rc::Weak;

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;

use super::{Driver, host};
use crate::error::Close;

type OnOpened = Closure<dyn Fn(u32, String)>;
type OnResult = Closure<dyn Fn(u32, u32, JsValue)>;
type OnFrame = Closure<dyn Fn(u32, u32, JsValue)>;
type OnError = Closure<dyn Fn(u32, String, JsValue)>;
type OnClosed = Closure<dyn Fn(u32, u16, String, bool)>;
type OnAborted = Closure<dyn Fn(u32, JsValue)>;

/// What the handlers of a transport's sockets and signals call, made once for all of them.
pub(super) struct Events {
    weak: JsValue,
    /// Until the transport's own object holds it: see `gatherEvents`.
    held: RefCell<Option<JsValue>>,
    _closures: (OnOpened, OnResult, OnFrame, OnError, OnClosed, OnAborted),
}

impl Events {
    pub(super) fn new(driver: &Weak<Driver>, user: &JsValue) -> Self {
        // `Fn`, as a handler can be called from within another.
        let opened: OnOpened = Closure::new({
            let driver = driver.clone();
            move |attempt, subprotocol: String| {
                if let Some(driver) = driver.upgrade() {
                    driver.on_opened(attempt, &subprotocol);
                }
            }
        });
        let result: OnResult = Closure::new({
            let driver = driver.clone();
            move |attempt, id, result| {
                if let Some(driver) = driver.upgrade() {
                    driver.on_result(attempt, id, result);
                }
            }
        });
        let frame: OnFrame = Closure::new({
            let driver = driver.clone();
            move |attempt, kind, value| {
                if let Some(driver) = driver.upgrade() {
                    driver.on_frame(attempt, kind, value);
                }
            }
        });
        let error: OnError = Closure::new({
            let driver = driver.clone();
            move |attempt, message: String, said| {
                if let Some(driver) = driver.upgrade() {
                    driver.on_error(attempt, &message, said);
                }
            }
        });
        let closed: OnClosed = Closure::new({
            let driver = driver.clone();
            move |attempt, code, reason, was_clean| {
                if let Some(driver) = driver.upgrade() {
                    let close = Close {
                        code,
                        reason,
                        was_clean,
                    };
                    driver.on_closed(attempt, close);
                }
            }
        });
        let aborted: OnAborted = Closure::new({
            let driver = driver.clone();
            move |id, reason| {
                if let Some(driver) = driver.upgrade() {
                    driver.on_aborted(id, reason);
                }
            }
        });
        let object = host::gather_events(
            opened.as_ref(),
            result.as_ref(),
            frame.as_ref(),
            error.as_ref(),
            closed.as_ref(),
            aborted.as_ref(),
            user,
        );
        Events {
            weak: host::weakly(&object),
            held: RefCell::new(Some(object)),
            _closures: (opened, result, frame, error, closed, aborted),
        }
    }

    pub(super) fn object(&self) -> JsValue {
        host::deref(&self.weak)
    }

    /// Hands the object over to who holds it from now on.
    pub(super) fn hand_over(&self) -> JsValue {
        self.held.take().unwrap_or_else(|| self.object())
    }

    /// What the user gave by this name; undefined if it was nothing.
    pub(super) fn given(&self, name: &str) -> JsValue {
        host::given(&self.object(), name)
    }

    /// Tells the user's listeners.
    pub(super) fn emit(&self, kind: &str, detail: &JsValue) {
        host::emit(&self.object(), kind, detail);
    }
}

/// A plain object with these members.
pub fn record<const N: usize>(members: [(&str, JsValue); N]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        // A new object refuses nothing.
        let _ = Reflect::set(&object, &JsValue::from_str(name), &value);
    }
    object.into()
}
