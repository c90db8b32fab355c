//! The streams of an operation's results.

use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_core::Stream;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::host::{AppHost, Task};
use super::link::Link;
use super::request::Request;
use super::response::{Response, decoded};
use crate::Error;
use crate::core::lasting::Notice;
use crate::core::message::OperationId;
use crate::core::operations::Polled;
use crate::driver::{Driver, wall_time};

/// One operation. Dropping it stops the operation.
enum Operation {
    Started(Started),
    /// It could not be started: the error, until it is told.
    Refused(Option<Error>),
}

struct Started {
    driver: Rc<Driver<AppHost>>,
    task: Rc<Task>,
    id: OperationId,
}

/// What the consumer wants of an operation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wants {
    Results,
    ResultsAndNotices,
    OneAnswer,
}

/// What an operation's queue has, but for its end.
enum Item {
    Result(JsValue),
    Notice(Notice<JsValue>),
}

impl Operation {
    fn start<T>(link: &Link, request: Request<T>, wants: Wants) -> Self {
        Self::try_start(link, request, wants)
            .map_or_else(|error| Operation::Refused(Some(error)), Operation::Started)
    }

    fn try_start<T>(link: &Link, request: Request<T>, wants: Wants) -> Result<Started, Error> {
        let driver = link.driver()?.clone();
        let (mut request, resume) = request.into_core()?;
        request.lasting.notices = wants == Wants::ResultsAndNotices;
        request.one_answer = wants == Wants::OneAnswer;
        let task = Rc::new(Task::new(resume));
        let id = driver.subscribe(request, task.clone());
        Ok(Started { driver, task, id })
    }

    fn poll(&mut self, task: &mut Context<'_>) -> Poll<Option<Result<Item, Error>>> {
        match self {
            Operation::Started(started) => started.poll(task),
            Operation::Refused(error) => Poll::Ready(error.take().map(Err)),
        }
    }

    /// The next result as it came.
    fn poll_result(&mut self, task: &mut Context<'_>) -> Poll<Option<Result<JsValue, Error>>> {
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

impl Started {
    fn poll(&self, task: &mut Context<'_>) -> Poll<Option<Result<Item, Error>>> {
        match self.driver.poll(self.id) {
            Polled::Result(result) => Poll::Ready(Some(Ok(Item::Result(result)))),
            Polled::Notice(notice) => Poll::Ready(Some(Ok(Item::Notice(*notice)))),
            Polled::Ended(Some(error)) => Poll::Ready(Some(Err(Error::shared(error)))),
            Polled::Ended(None) | Polled::Gone => Poll::Ready(None),
            Polled::Pending => {
                self.task.waker.set(Some(task.waker().clone()));
                Poll::Pending
            }
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        self.driver.leave(self.id);
    }
}

/// Starts an operation, gives its first result, and ends it.
pub(super) async fn execute<T: DeserializeOwned>(
    link: &Link,
    request: Request<T>,
) -> Result<Response<T>, Error> {
    let mut operation = Operation::start(link, request, Wants::OneAnswer);
    let answer = poll_fn(|task| operation.poll_result(task)).await;
    match (answer, &operation) {
        (Some(Ok(result)), Operation::Started(started)) => {
            started.driver.answered(started.id, &result);
            started.driver.flush();
            decoded(result)
        }
        (Some(Ok(result)), Operation::Refused(_)) => decoded(result),
        (Some(Err(error)), _) => Err(error),
        (None, Operation::Started(started)) => Err(Error::no_answer(started.id)),
        (None, Operation::Refused(_)) => Err(Error::no_answer(0)),
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
    pub(super) fn start(link: &Link, request: Request<T>) -> Self {
        Results {
            operation: Operation::start(link, request, Wants::Results),
            of: PhantomData,
        }
    }
}

impl<T: DeserializeOwned> Stream for Results<T> {
    type Item = Result<Response<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.operation.poll_result(task);
        next.map(|next| next.map(|result| result.and_then(decoded)))
    }
}

/// What happens to an operation of a [`Client`](crate::Client).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event<T> {
    Response(Response<T>),
    /// The connection is gone; the operation stays. Times are in milliseconds since 1970.
    Interrupted {
        error: Error,
        lost_at: f64,
    },
    /// The server has the operation again. Results that fell between the two times were missed, unless it went on from a
    /// cursor.
    Resumed {
        lost_at: f64,
        resumed_at: f64,
        /// To connect, since the loss.
        attempts: u32,
        /// Whether it went on where it was lost: see [`Request::resume`].
        from_cursor: bool,
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
    pub(super) fn start(link: &Link, request: Request<T>) -> Self {
        Events {
            operation: Operation::start(link, request, Wants::ResultsAndNotices),
            of: PhantomData,
        }
    }
}

impl<T: DeserializeOwned> Stream for Events<T> {
    type Item = Result<Event<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let event = |item| match item {
            Item::Result(result) => decoded(result).map(Event::Response),
            Item::Notice(Notice::Interrupted { error, lost_at }) => Ok(Event::Interrupted {
                error: Error::shared(error),
                lost_at: wall_time(lost_at),
            }),
            Item::Notice(Notice::Resumed {
                lost_at,
                resumed_at,
                attempts,
                cursor,
            }) => Ok(Event::Resumed {
                lost_at: wall_time(lost_at),
                resumed_at: wall_time(resumed_at),
                attempts,
                from_cursor: cursor.is_some(),
            }),
        };
        let next = self.operation.poll(task);
        next.map(|next| next.map(|item| item.and_then(event)))
    }
}
