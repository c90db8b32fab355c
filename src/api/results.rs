//! The streams of an operation's results.

use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_core::Stream;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::Response;
use super::host::{AppHost, Task};
use crate::Error;
use crate::core::lasting::Notice;
use crate::core::message::OperationId;
use crate::core::operations::{Polled, Request};
use crate::driver::{Driver, wall_time};

/// One operation. Dropping it stops the operation.
pub(super) struct Operation {
    driver: Rc<Driver<AppHost>>,
    task: Rc<Task>,
    id: OperationId,
}

/// What an operation's queue has, but for its end.
pub(super) enum Item {
    Result(JsValue),
    Notice(Notice<JsValue>),
}

impl Operation {
    pub(super) fn start(driver: Rc<Driver<AppHost>>, request: Request<JsValue>) -> Self {
        let task = Rc::<Task>::default();
        let id = driver.subscribe(request, task.clone());
        Operation { driver, task, id }
    }

    pub(super) fn id(&self) -> OperationId {
        self.id
    }

    pub(super) fn answered(&self, result: &JsValue) {
        self.driver.answered(self.id, result);
        self.driver.flush();
    }

    pub(super) fn poll(&self, task: &mut Context<'_>) -> Poll<Option<Result<Item, Error>>> {
        match self.driver.poll(self.id) {
            Polled::Result(result) => Poll::Ready(Some(Ok(Item::Result(result)))),
            Polled::Notice(notice) => Poll::Ready(Some(Ok(Item::Notice(*notice)))),
            Polled::Ended(Some(error)) => Poll::Ready(Some(Err(Rc::unwrap_or_clone(error)))),
            Polled::Ended(None) | Polled::Gone => Poll::Ready(None),
            Polled::Pending => {
                self.task.waker.set(Some(task.waker().clone()));
                Poll::Pending
            }
        }
    }

    /// The next result as it came.
    pub(super) fn poll_result(
        &self,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<JsValue, Error>>> {
        loop {
            match self.poll(task) {
                Poll::Ready(Some(Ok(Item::Result(result)))) => {
                    return Poll::Ready(Some(Ok(result)));
                }
                Poll::Ready(Some(Ok(Item::Notice(_)))) => {}
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        self.driver.leave(self.id);
    }
}

/// The results of one operation of a [`Transport`](crate::Transport). The queue behind it is there from
/// before the operation is sent: nothing is lost, however late they are read, and an error comes
/// behind the results that came before it. Dropping it stops the operation.
pub struct Results<T> {
    operation: Operation,
    /// Makes `T`s, and holds none.
    of: PhantomData<fn() -> T>,
}

impl<T> Results<T> {
    pub(super) fn new(operation: Operation) -> Self {
        let of = PhantomData;
        Results { operation, of }
    }
}

impl<T: DeserializeOwned> Stream for Results<T> {
    type Item = Result<Response<T>, Error>;

    fn poll_next(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.operation.poll_result(task);
        next.map(|next| next.map(|result| result.and_then(decoded)))
    }
}

/// What happens to an operation of a [`Client`](crate::Client).
#[derive(Debug)]
pub enum Event<T> {
    Response(Response<T>),
    /// The connection is gone; the operation stays. Times are in milliseconds since 1970.
    Interrupted {
        error: Rc<Error>,
        lost_at: f64,
    },
    /// The server has the operation again. Results that fell between the two times were missed.
    Resumed {
        lost_at: f64,
        resumed_at: f64,
        /// To connect, since the loss.
        attempts: u32,
    },
}

/// The results of one operation of a [`Client`](crate::Client), and what happens to it, in order. As
/// [`Results`] otherwise.
pub struct Events<T> {
    operation: Operation,
    /// Makes `T`s, and holds none.
    of: PhantomData<fn() -> T>,
}

impl<T> Events<T> {
    pub(super) fn new(operation: Operation) -> Self {
        let of = PhantomData;
        Events { operation, of }
    }
}

impl<T: DeserializeOwned> Stream for Events<T> {
    type Item = Result<Event<T>, Error>;

    fn poll_next(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let event = |item| match item {
            Item::Result(result) => decoded(result).map(Event::Response),
            Item::Notice(Notice::Interrupted { error, lost_at }) => Ok(Event::Interrupted {
                error,
                lost_at: wall_time(lost_at),
            }),
            Item::Notice(Notice::Resumed {
                lost_at,
                resumed_at,
                attempts,
                ..
            }) => Ok(Event::Resumed {
                lost_at: wall_time(lost_at),
                resumed_at: wall_time(resumed_at),
                attempts,
            }),
        };
        let next = self.operation.poll(task);
        next.map(|next| next.map(|item| item.and_then(event)))
    }
}

/// A result as the user's type has it.
pub(super) fn decoded<T: DeserializeOwned>(result: JsValue) -> Result<Response<T>, Error> {
    serde_wasm_bindgen::from_value(result.clone()).map_err(|error| Error::WrongResult {
        why: error.to_string(),
        result,
    })
}
