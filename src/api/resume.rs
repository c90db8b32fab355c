//! Where an operation goes on that was lost.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::rc::Rc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::dialect::Answer;
use super::json::to_json;
use super::request::Message;
use super::response::{Response, decoded};

/// Makes what remembers the place of one operation. `dedupe`: how many cursors it knows.
pub(super) type MakeResuming = Rc<dyn Fn(usize) -> Box<dyn Resumes>>;

/// What remembers the place of one operation.
pub(super) trait Resumes {
    /// Whether a result is one that did not come before.
    fn examine(&self, result: &JsValue) -> bool;

    /// The variables to go on with, as JSON text; `None` if no result had a place.
    fn variables(&self) -> Option<Answer<Option<JsValue>>>;
}

/// How one operation goes on.
pub(super) struct Resuming {
    pub(super) place: Box<dyn Resumes>,
    pub(super) message: Message,
}

type CursorOf<T, C> = dyn Fn(&Response<T>) -> Option<C>;
type Variables<C> = dyn Fn(C) -> Answer<Option<JsValue>>;

pub(super) struct Place<T, C> {
    cursor_of: Rc<CursorOf<T, C>>,
    variables: Rc<Variables<C>>,
    last: RefCell<Option<C>>,
    recent: RefCell<VecDeque<C>>,
    dedupe: usize,
}

impl<T, C> Place<T, C>
where
    T: DeserializeOwned + 'static,
    C: Clone + PartialEq + 'static,
{
    pub(super) fn maker<V, F>(
        cursor: impl Fn(&Response<T>) -> Option<C> + 'static,
        variables: impl Fn(C) -> F + 'static,
    ) -> MakeResuming
    where
        V: Serialize,
        F: Future<Output = Result<V, JsValue>> + 'static,
    {
        let cursor_of: Rc<CursorOf<T, C>> = Rc::new(cursor);
        let variables: Rc<Variables<C>> = Rc::new(move |cursor| {
            let variables = variables(cursor);
            Box::pin(
                async move { to_json(&variables.await?).map_err(|why| JsValue::from_str(&why)) },
            )
        });
        Rc::new(move |dedupe| {
            Box::new(Place {
                cursor_of: cursor_of.clone(),
                variables: variables.clone(),
                last: RefCell::default(),
                recent: RefCell::default(),
                dedupe,
            })
        })
    }
}

impl<T, C> Resumes for Place<T, C>
where
    T: DeserializeOwned,
    C: Clone + PartialEq,
{
    fn examine(&self, result: &JsValue) -> bool {
        // One that does not fit is the consumer's to find.
        let response = decoded::<T>(result.clone()).ok();
        let Some(cursor) = response.and_then(|response| (self.cursor_of)(&response)) else {
            return true;
        };
        let mut recent = self.recent.borrow_mut();
        if recent.contains(&cursor) {
            return false;
        }
        self.last.replace(Some(cursor.clone()));
        if self.dedupe > 0 {
            recent.push_back(cursor);
            if recent.len() > self.dedupe {
                recent.pop_front();
            }
        }
        true
    }

    fn variables(&self) -> Option<Answer<Option<JsValue>>> {
        let last = self.last.borrow().clone()?;
        Some((self.variables)(last))
    }
}
