//! The core of a client against a model server whose connections do not last: in virtual time, with
//! chance from a seed. Whatever is lost, the promises of the specification hold.
//!
//! A seed is a world: its options, its server and all that happens in it. `WIREQL_SEED=7 cargo test --test
//! losses NAME` plays that world alone, and prints its trace.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod chance;
#[path = "../core/native.rs"]
mod native;
mod plan;
mod server;
mod user;
mod world;

use plan::{Theme, Way};
use world::{Count, World};

/// So many worlds have more than five thousand losses between them.
const WORLDS: u64 = 320;

#[test]
fn operations_outlive_five_thousand_losses() {
    outlive(Way::Long, 0);
}

#[test]
fn operations_outlive_five_thousand_losses_with_results_taken_the_short_way() {
    outlive(Way::Short, 1_000_000);
}

fn outlive(way: Way, first: u64) {
    let count = play(Theme::Losses, way, first, WORLDS);
    assert!(count.losses >= 5_000, "too few losses: {count:?}");
    assert!(
        count.lost_ready >= 2_500,
        "too few after the ack: {count:?}"
    );
    // A promise about something that never happened is not tested.
    assert!(count.is_varied(), "something never happened: {count:?}");
}

#[test]
fn a_client_that_gives_up_ends_all_and_begins_anew() {
    let count = play(Theme::Verdicts, Way::Long, 2_000_000, WORLDS / 4);
    assert!(count.stops > 0, "it never gave up: {count:?}");
}

#[test]
fn a_client_is_closed_in_the_midst_of_losses() {
    play(Theme::Close, Way::Short, 3_000_000, WORLDS / 4);
}

fn play(theme: Theme, way: Way, first: u64, worlds: u64) -> Count {
    let only: Option<u64> = std::env::var("WIREQL_SEED")
        .ok()
        .map(|seed| seed.parse().unwrap());
    let seeds = only.map_or(first..first + worlds, |only| only..only + 1);
    let mut count = Count::default();
    for seed in seeds {
        let _told = Seed(seed);
        World::new(theme, way, seed, only.is_some()).play(&mut count);
    }
    println!("{theme:?}, {way:?}: {worlds} worlds, {count:?}");
    if only.is_some() {
        // One world proves nothing about all of them.
        count = Count::of_everything();
    }
    count
}

/// Tells how to play a world again that has failed.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("to play it again: WIREQL_SEED={}", self.0);
        }
    }
}
