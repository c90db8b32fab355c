//! What comes of a frame that the dialect does not allow: one table.
//!
//! We are strict in what we send, and tolerant where the meaning of what comes is plain. Only where nothing that
//! follows can be trusted does the connection end. Whatever is tolerated is told to the user.

use std::rc::Rc;

use crate::core::error::{Ends, Error};

/// How a frame deviates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::core) enum Deviation {
    /// A text that is not JSON, or a binary frame that is not such a text.
    NotJson,
    /// JSON that is not an object.
    NotAnObject,
    /// The `type` is missing, or is not a string.
    NoType,
    /// A `type` that the dialect does not have. (`connection_error` and `ka` are known in both.)
    UnknownType,
    /// A message that belongs behind the ack.
    TooEarly,
    /// A result or a `complete` whose `id` is missing, or neither a string nor a number.
    NoId,
    /// An `id` that is a number. It is read as its digits.
    NumericId,
    /// A result whose payload is missing, or is not an object.
    WrongResult,
    /// A `connection_ack`, `ping` or `pong` whose payload is not an object. It counts as none.
    WrongPayload,
}

impl Deviation {
    /// The table. `dialects.md` has the same.
    pub(in crate::core) fn ends(self, acknowledged: bool) -> Ends {
        match self {
            Deviation::NotJson | Deviation::NotAnObject => Ends::Connection,
            // It may be no GraphQL server at all.
            Deviation::NoType if !acknowledged => Ends::Connection,
            Deviation::WrongResult => Ends::Operation,
            Deviation::NoType
            | Deviation::UnknownType
            | Deviation::TooEarly
            | Deviation::NoId
            | Deviation::NumericId
            | Deviation::WrongPayload => Ends::Nothing,
        }
    }

    /// The error for a message of the wrong form.
    pub(super) fn error<J>(
        self,
        acknowledged: bool,
        expected: &'static str,
        received: &'static str,
    ) -> Rc<Error<J>> {
        Rc::new(Error::InvalidMessage {
            expected,
            received,
            ends: self.ends(acknowledged),
        })
    }
}
