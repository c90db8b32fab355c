//! The stream of an operation's results.

use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_core::Stream;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::Response;
use crate::Error;
use crate::driver::{Consumer, Driver};
use crate::message::OperationId;
use crate::operations::{Polled, Request};

/// The results of one operation. The queue behind it is there from before the operation is sent:
/// nothing is lost, however late they are read, and an error comes behind the results that came
/// before it. Dropping it stops the operation.
pub struct Results<T> {
    driver: Rc<Driver>,
    consumer: Rc<Consumer>,
    id: OperationId,
    /// Makes `T`s, and holds none.
    of: PhantomData<fn() -> T>,
}

impl<T> Results<T> {
    pub(super) fn start(driver: Rc<Driver>, request: Request) -> Self {
        let consumer = Consumer::of_stream();
        let id = driver.subscribe(request, &consumer, None);
        Results {
            driver,
            consumer,
            id,
            of: PhantomData,
        }
    }

    pub(super) fn id(&self) -> OperationId {
        self.id
    }

    pub(super) fn answered(&self, result: &JsValue) {
        self.driver.answered(self.id, &self.consumer, result);
    }

    /// The next result as it came.
    pub(super) fn poll_raw(
        &mut self,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<JsValue, Error>>> {
        match self.driver.poll(self.id, &self.consumer) {
            Polled::Result(result) => Poll::Ready(Some(Ok(result))),
            Polled::Ended(Some(error)) => Poll::Ready(Some(Err(error))),
            Polled::Ended(None) | Polled::Gone => Poll::Ready(None),
            Polled::Pending => {
                self.consumer.wake_later(task.waker());
                Poll::Pending
            }
        }
    }
}

impl<T: DeserializeOwned> Stream for Results<T> {
    type Item = Result<Response<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_raw(task)
            .map(|next| next.map(|result| result.and_then(decoded)))
    }
}

impl<T> Drop for Results<T> {
    fn drop(&mut self) {
        self.driver.leave(self.id, &self.consumer);
    }
}

/// A result as the user's type has it.
pub(super) fn decoded<T: DeserializeOwned>(result: JsValue) -> Result<Response<T>, Error> {
    serde_wasm_bindgen::from_value(result.clone())
        .map_err(|error| Error::wrong_result(&error.to_string(), result))
}
