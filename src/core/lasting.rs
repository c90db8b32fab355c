//! What an operation needs to outlive its connection, and what becomes of it when that is lost.

use std::rc::Rc;

use super::document::OperationType;
use super::error::Error;
use super::time::{Instant, Millis};

/// How long an operation has to be on the wire before a later message shows that the server has it. A
/// `pong` right behind it does not: servers answer that before they have looked at the operation.
pub const SETTLING: Millis = Millis(1_000);

/// On how many connections a query is sent.
const MOST_SENDS: u32 = 3;

/// How many connections an operation may be suspected to have ended.
const MOST_STRIKES: u8 = 3;

/// How long credentials have to be accepted so that others are tried when they are not any more.
const LEAST_LIFE: Millis = Millis(5_000);

/// Something about the stream of an operation's results, in their order.
#[derive(Clone, Debug)]
pub enum Notice<J> {
    /// The connection is gone; the operation stays.
    Interrupted {
        error: Rc<Error<J>>,
        lost_at: Instant,
    },
    /// The server has it again. Results that fell between the two times were missed, unless it went on
    /// from a `cursor`.
    Resumed {
        lost_at: Instant,
        resumed_at: Instant,
        /// To connect, since the loss.
        attempts: u32,
        cursor: Option<J>,
    },
}

/// A loss that the consumer was told of.
#[derive(Debug)]
pub(super) struct Loss {
    pub(super) at: Instant,
    /// Attempts to connect before it.
    pub(super) attempts: u32,
}

#[derive(Debug)]
pub(super) struct Lasting<J> {
    pub(super) idempotent: bool,
    pub(super) resumes: bool,
    pub(super) notices: bool,
    pub(super) wait_timeout: Option<Millis>,
    /// When it has waited to be sent for too long.
    pub(super) gives_up_at: Option<Instant>,
    /// On how many connections it was sent.
    sends: u32,
    /// On this connection.
    pub(super) sent_at: Instant,
    /// Whether the server is known to have it, on this connection and on any.
    pub(super) is_settled: bool,
    pub(super) was_settled: bool,
    /// Connections that it may have ended.
    pub(super) strikes: u8,
    /// Results so far, on all connections; the parts of one are one.
    results: u32,
    /// Whether the next one is a part of the last.
    is_within_result: bool,
    /// Whether the one answer to a query or a mutation has come.
    answered: bool,
    /// Whether a message for it has shown that, and not time.
    pub(super) is_confirmed: bool,
    /// Until it is resumed.
    pub(super) loss: Option<Loss>,
    /// Whether somebody wants to know when the server has it.
    pub(super) is_watched: bool,
    /// When the server last did not accept its credentials.
    denied_at: Option<Instant>,
    /// Whether the request to go on with is being made.
    pub(super) is_resuming: bool,
    /// Where it goes on.
    pub(super) cursor: Option<J>,
}

/// What becomes of an operation that was sent on a connection that is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    SentAgain,
    /// It may have been carried out, and must not be twice.
    OutcomeUnknown,
    /// It was answered; only its end is missing.
    Done,
    /// It has had enough connections.
    GivenUp,
}

impl<J> Lasting<J> {
    pub(super) fn new(
        options: &super::operations::LastingOptions,
        wait_timeout: Option<Millis>,
        now: Instant,
    ) -> Self {
        Lasting {
            idempotent: options.idempotent,
            resumes: options.resumes,
            notices: options.notices,
            wait_timeout,
            gives_up_at: wait_timeout.map(|longest| now + longest),
            sends: 0,
            sent_at: now,
            is_settled: false,
            was_settled: false,
            is_confirmed: false,
            strikes: 0,
            results: 0,
            is_within_result: false,
            answered: false,
            loss: None,
            is_watched: false,
            denied_at: None,
            is_resuming: false,
            cursor: None,
        }
    }

    /// It is sent.
    pub(super) fn send(&mut self, now: Instant) {
        self.sends = self.sends.saturating_add(1);
        self.sent_at = now;
        self.is_settled = false;
        self.is_within_result = false;
    }

    pub(super) fn was_sent(&self) -> bool {
        self.sends > 0
    }

    /// It waits to be sent again: for as long as when it was made.
    pub(super) fn wait_again(&mut self, now: Instant) {
        self.is_settled = false;
        self.gives_up_at = self.wait_timeout.map(|longest| now + longest);
    }

    /// It was not sent after all.
    pub(super) fn unsend(&mut self) {
        self.sends = self.sends.saturating_sub(1);
    }

    /// Whether more is to be done with a result than to queue it.
    pub(super) fn looks_at_results(&self, operation_type: OperationType) -> bool {
        !self.is_settled
            || self.resumes
            || operation_type.answers_once()
            || operation_type == OperationType::Unknown && self.results < 2
    }

    /// A result has come. `has_next`: whether it is only a part.
    pub(super) fn recv_result(&mut self, has_next: bool) {
        if !std::mem::replace(&mut self.is_within_result, has_next) {
            self.results = self.results.saturating_add(1);
        }
        self.answered = !has_next;
    }

    /// Whether time has settled it, if the server is heard of.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        !self.is_settled && self.sent_at + SETTLING <= now
    }

    /// Whether somebody waits for it to settle.
    pub(super) fn is_awaited(&self) -> bool {
        self.is_watched || self.loss.is_some() || self.strikes > 0
    }

    /// The server does not accept its credentials, or does not any more. Returns whether others may help: unless the
    /// last have failed at once as well.
    pub(super) fn deny(&mut self, now: Instant) -> bool {
        let lasted = |since| self.is_settled && now.since(since) >= LEAST_LIFE;
        let may_help = self.denied_at.is_none_or(lasted);
        self.denied_at = Some(now);
        may_help
    }

    /// Another connection that it may have ended is lost. Returns whether it has ended too many.
    pub(super) fn strike(&mut self) -> bool {
        self.strikes = self.strikes.saturating_add(1);
        self.strikes >= MOST_STRIKES
    }

    /// The table: what becomes of it now that its connection is lost. `one_answer`: whether the
    /// consumer leaves after the first result.
    pub(super) fn fate(&self, operation_type: OperationType, one_answer: bool) -> Fate {
        match operation_type {
            OperationType::Subscription | OperationType::LiveQuery => Fate::SentAgain,
            OperationType::Query | OperationType::Mutation if self.answered => Fate::Done,
            OperationType::Query if self.sends >= MOST_SENDS => Fate::GivenUp,
            OperationType::Query => Fate::SentAgain,
            // More than one result: it can only be a subscription.
            OperationType::Unknown if self.results > 1 && !one_answer => Fate::SentAgain,
            OperationType::Mutation | OperationType::Unknown if self.idempotent => Fate::SentAgain,
            OperationType::Mutation | OperationType::Unknown => Fate::OutcomeUnknown,
        }
    }

    /// Whether the consumer is told of a loss: it may have missed results, or sees some again.
    pub(super) fn tells_loss(&self, operation_type: OperationType) -> bool {
        let streams = matches!(
            operation_type,
            OperationType::Subscription | OperationType::LiveQuery
        );
        self.results > 0 || streams && self.is_settled
    }
}
