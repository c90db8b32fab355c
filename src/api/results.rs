//! The stream of an operation's results.

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
use crate::core::message::OperationId;
use crate::core::operations::{Polled, Request};
use crate::driver::Driver;

/// The results of one operation. The queue behind it is there from before the operation is sent:
/// nothing is lost, however late they are read, and an error comes behind the results that came
/// before it. Dropping it stops the operation.
pub struct Results<T> {
    driver: Rc<Driver<AppHost>>,
    task: Rc<Task>,
    id: OperationId,
    /// Makes `T`s, and holds none.
    of: PhantomData<fn() -> T>,
}

impl<T> Results<T> {
    pub(super) fn start(driver: Rc<Driver<AppHost>>, request: Request<JsValue>) -> Self {
        let task = Rc::<Task>::default();
        let id = driver.subscribe(request, task.clone());
        Results {
            driver,
            task,
            id,
            of: PhantomData,
        }
    }

    pub(super) fn id(&self) -> OperationId {
        self.id
    }

    pub(super) fn answered(&self, result: &JsValue) {
        self.driver.answered(self.id, result);
        self.driver.flush();
    }

    /// The next result as it came.
    pub(super) fn poll_raw(
        &mut self,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<JsValue, Error>>> {
        match self.driver.poll(self.id) {
            Polled::Result(result) => Poll::Ready(Some(Ok(result))),
            Polled::Ended(Some(error)) => Poll::Ready(Some(Err(Rc::unwrap_or_clone(error)))),
            Polled::Ended(None) | Polled::Gone => Poll::Ready(None),
            Polled::Pending => {
                self.task.waker.set(Some(task.waker().clone()));
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
        self.driver.leave(self.id);
    }
}

/// A result as the user's type has it.
pub(super) fn decoded<T: DeserializeOwned>(result: JsValue) -> Result<Response<T>, Error> {
    serde_wasm_bindgen::from_value(result.clone()).map_err(|error| Error::WrongResult {
        why: error.to_string(),
        result,
    })
}
