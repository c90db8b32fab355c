//! What stands in line for an operation's consumer.
//!
//! Each value of the host's takes a place in a table of the host's that never shrinks. So of a backlog, results
//! are packed into values that hold many.

use std::collections::VecDeque;

use super::json::Pack;
use super::lasting::Notice;

/// How many results are packed into one value.
const PACK: usize = 512;

/// A queue that is shorter packs none, as that costs two calls into the host for each.
const SHORT: usize = 4096;

#[derive(Debug)]
pub(super) enum Queued<J> {
    Result(J),
    Packed(J),
    Notice(Box<Notice<J>>),
}

#[derive(Debug)]
pub(super) struct Queue<J> {
    line: VecDeque<Queued<J>>,
    /// How many results at its end are not packed.
    loose: usize,
}

impl<J> Default for Queue<J> {
    fn default() -> Self {
        Queue {
            line: VecDeque::new(),
            loose: 0,
        }
    }
}

impl<J> Queue<J> {
    pub(super) fn is_empty(&self) -> bool {
        self.line.is_empty()
    }

    pub(super) fn push_notice(&mut self, notice: Notice<J>) {
        self.line.push_back(Queued::Notice(Box::new(notice)));
        self.loose = 0;
    }
}

impl<J: Pack> Queue<J> {
    pub(super) fn push(&mut self, result: J) {
        self.line.push_back(Queued::Result(result));
        self.loose += 1;
        if self.loose < PACK || self.line.len() < SHORT {
            return;
        }
        let results = self.line.split_off(self.line.len().saturating_sub(PACK));
        let results = results.into_iter().filter_map(|queued| match queued {
            Queued::Result(result) => Some(result),
            // The loose ones are results.
            _ => None,
        });
        self.line.push_back(Queued::Packed(J::pack(results)));
        self.loose = 0;
    }

    /// Takes what stands at the head: never [`Queued::Packed`].
    pub(super) fn pop(&mut self) -> Option<Queued<J>> {
        let mut head = self.line.pop_front();
        if let Some(Queued::Packed(packed)) = &head {
            for result in packed.unpack().into_iter().rev() {
                self.line.push_front(Queued::Result(result));
            }
            head = self.line.pop_front();
        }
        self.loose = self.loose.min(self.line.len());
        if self.line.is_empty() && self.line.capacity() > SHORT {
            self.line = VecDeque::new();
        }
        head
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::time::Instant;

    /// A result, or several.
    #[derive(Debug, PartialEq)]
    struct Results(Vec<usize>);

    impl Pack for Results {
        fn pack(values: impl Iterator<Item = Self>) -> Self {
            Results(values.flat_map(|Results(values)| values).collect())
        }

        fn unpack(&self) -> Vec<Self> {
            self.0.iter().map(|n| Results(vec![*n])).collect()
        }
    }

    fn notice(n: usize) -> Notice<Results> {
        let at = Instant(n as u64);
        Notice::Resumed {
            lost_at: at,
            resumed_at: at,
            attempts: 0,
            cursor: None,
        }
    }

    #[test]
    fn what_is_queued_comes_in_order_however_it_is_read() {
        for (burst, read, every) in [(1, 1, 7), (SHORT, PACK, 1000), (700, 650, usize::MAX)] {
            let mut queue = Queue::default();
            let (mut pushed, mut popped) = (0, 0);
            let mut pop = |queue: &mut Queue<Results>| {
                let is_next = match queue.pop() {
                    Some(Queued::Result(result)) => result == Results(vec![popped]),
                    Some(Queued::Notice(_)) => popped % every == 0,
                    _ => false,
                };
                assert!(is_next, "{popped}");
                popped += 1;
            };
            for _ in 0..10 {
                for _ in 0..burst {
                    if pushed % every == 0 {
                        queue.push_notice(notice(pushed));
                    } else {
                        queue.push(Results(vec![pushed]));
                    }
                    pushed += 1;
                }
                for _ in 0..read {
                    pop(&mut queue);
                }
            }
            while !queue.is_empty() {
                pop(&mut queue);
            }
            assert_eq!(popped, pushed);
        }
    }

    #[test]
    fn a_backlog_takes_few_places_and_leaves_none() {
        let mut queue = Queue::default();
        for n in 0..1_000_000 {
            queue.push(Results(vec![n]));
        }
        assert!(queue.line.len() < 7_000, "{}", queue.line.len());
        while queue.pop().is_some() {}
        assert!(queue.line.capacity() <= SHORT, "{}", queue.line.capacity());
    }
}
