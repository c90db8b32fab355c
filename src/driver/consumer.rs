//! Who consumes an operation, and in which way.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;

use super::{Driver, error, host};
use crate::error::Error;

/// The ways in which results are taken.
enum Way {
    /// All, each by a promise of `{ value, done }`.
    Results(Waiters),
    /// One, by a promise of it, and then no more.
    Answer(Waiters),
    /// All, by calls of an observer's methods; `None` before and after.
    Observer(RefCell<Option<Rc<JsValue>>>),
    /// All, by a task that comes for them when it is woken.
    Stream(Cell<Option<Waker>>),
}

/// Promises that wait. Their `resolve` and `reject` stay on the JavaScript side, in an array; their
/// number is here, so that a result for which nobody waits does not ask there.
#[derive(Default)]
struct Waiters {
    list: Array,
    count: Cell<u32>,
}

impl Waiters {
    fn wait(&self) -> Promise {
        self.count.set(self.count.get() + 1);
        host::wait(&self.list)
    }

    fn settled(&self) {
        self.count.set(self.count.get().saturating_sub(1));
    }
}

/// The consumer of one operation.
pub struct Consumer {
    way: Way,
    /// While somebody waits, the driver stays: the user may hold nothing but the promise.
    kept: RefCell<Option<Rc<Driver>>>,
    /// The iterator was garbage-collected while promises of its waited.
    pub abandoned: Cell<bool>,
    /// The user's signal is listened to for as long as this is here.
    signal: RefCell<Option<AbortListener>>,
    /// Why the signal was aborted, until somebody is told.
    aborted: RefCell<Option<JsValue>>,
}

impl Consumer {
    fn new(way: Way) -> Rc<Self> {
        Rc::new(Consumer {
            way,
            kept: RefCell::new(None),
            abandoned: Cell::new(false),
            signal: RefCell::new(None),
            aborted: RefCell::new(None),
        })
    }

    pub fn of_results() -> Rc<Self> {
        Self::new(Way::Results(Waiters::default()))
    }

    pub fn of_answer() -> Rc<Self> {
        Self::new(Way::Answer(Waiters::default()))
    }

    /// Its observer comes with [`observe`](Self::observe).
    pub fn of_observer() -> Rc<Self> {
        Self::new(Way::Observer(RefCell::new(None)))
    }

    pub fn of_stream() -> Rc<Self> {
        Self::new(Way::Stream(Cell::new(None)))
    }

    pub fn wants_one(&self) -> bool {
        matches!(self.way, Way::Answer(_))
    }

    /// Whether results are to be handed to it as they come.
    pub fn is_waiting(&self) -> bool {
        match &self.way {
            Way::Results(waiters) | Way::Answer(waiters) => waiters.count.get() > 0,
            Way::Observer(observer) => observer.borrow().is_some(),
            Way::Stream(_) => true,
        }
    }

    /// Wakes a task that will come by itself. `false` if it is another way that this one is
    /// consumed.
    pub fn wake(&self) -> bool {
        let Way::Stream(waker) = &self.way else {
            return false;
        };
        if let Some(waker) = waker.take() {
            waker.wake();
        }
        true
    }

    pub fn wake_later(&self, task: &Waker) {
        if let Way::Stream(waker) = &self.way {
            waker.set(Some(task.clone()));
        }
    }

    pub fn wait(&self, driver: Option<Rc<Driver>>) -> Promise {
        match &self.way {
            Way::Results(waiters) | Way::Answer(waiters) => {
                *self.kept.borrow_mut() = driver;
                waiters.wait()
            }
            Way::Observer(_) | Way::Stream(_) => Promise::resolve(&JsValue::UNDEFINED),
        }
    }

    /// From now on the observer's methods are called.
    pub fn observe(&self, observer: JsValue, driver: Option<Rc<Driver>>) {
        if let Way::Observer(place) = &self.way {
            *place.borrow_mut() = Some(Rc::new(observer));
            *self.kept.borrow_mut() = driver;
        }
    }

    /// The observer, without a borrow: it may unsubscribe within the call.
    fn observer(&self) -> Option<Rc<JsValue>> {
        match &self.way {
            Way::Observer(observer) => observer.borrow().clone(),
            _ => None,
        }
    }

    pub fn settle_result(&self, result: JsValue) {
        match &self.way {
            Way::Results(waiters) => {
                self.settled(waiters);
                host::settle_result(&waiters.list, result);
            }
            Way::Answer(waiters) => {
                self.settled(waiters);
                host::settle_value(&waiters.list, result);
            }
            Way::Observer(_) => {
                if let Some(observer) = self.observer() {
                    host::notify_next(&observer, result);
                }
            }
            Way::Stream(_) => {}
        }
    }

    pub fn settle_done(&self) {
        match &self.way {
            Way::Results(waiters) | Way::Answer(waiters) => {
                self.settled(waiters);
                host::settle_done(&waiters.list);
            }
            Way::Observer(_) => {
                if let Some(observer) = self.stop_observing() {
                    host::notify_complete(&observer);
                }
            }
            Way::Stream(_) => {}
        }
    }

    pub fn settle_error(&self, error: Error<JsValue>) {
        self.settle_thrown(&error::to_js(error));
    }

    fn settle_thrown(&self, thrown: &JsValue) {
        match &self.way {
            Way::Results(waiters) | Way::Answer(waiters) => {
                self.settled(waiters);
                host::settle_error(&waiters.list, thrown);
            }
            Way::Observer(_) => {
                if let Some(observer) = self.stop_observing() {
                    host::notify_error(&observer, thrown);
                }
            }
            Way::Stream(_) => {}
        }
    }

    fn settled(&self, waiters: &Waiters) {
        waiters.settled();
        if waiters.count.get() == 0 {
            // Not the last one: whoever calls this has come by another.
            self.kept.take();
        }
    }

    /// Those who wait are told that there is no more.
    pub fn dismiss(&self) {
        self.signal.take();
        match &self.way {
            Way::Results(_) | Way::Answer(_) => {
                while self.is_waiting() {
                    self.settle_done();
                }
            }
            Way::Observer(_) => {
                self.stop_observing();
            }
            Way::Stream(_) => {
                self.wake();
            }
        }
    }

    /// The observer is let go: it may hold what holds us.
    fn stop_observing(&self) -> Option<Rc<JsValue>> {
        let Way::Observer(observer) = &self.way else {
            return None;
        };
        self.kept.take();
        observer.take()
    }

    // ---- the user's AbortSignal ---------------------------------------------------

    pub fn listen(&self, listener: AbortListener) {
        *self.signal.borrow_mut() = Some(listener);
    }

    /// The operation is over: the signal has no effect on it any more.
    pub fn over(&self) {
        self.signal.take();
    }

    /// The first who waits, or else who comes first, is told the reason. An observer is told
    /// nothing, as after `unsubscribe`.
    pub fn abort(&self, reason: JsValue) {
        if matches!(self.way, Way::Results(_) | Way::Answer(_)) {
            if self.is_waiting() {
                self.settle_thrown(&reason);
            } else {
                *self.aborted.borrow_mut() = Some(reason);
            }
        }
        self.dismiss();
    }

    pub fn take_abort_reason(&self) -> Option<JsValue> {
        self.aborted.take()
    }
}

/// Listens to a signal until it is dropped.
pub struct AbortListener {
    stop: Function,
}

impl AbortListener {
    pub fn new(stop: Function) -> Self {
        AbortListener { stop }
    }
}

impl Drop for AbortListener {
    fn drop(&mut self) {
        // A signal of the user's own making may throw; then it keeps its listener.
        let _ = self.stop.call0(&JsValue::UNDEFINED);
    }
}
