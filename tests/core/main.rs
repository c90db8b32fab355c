//! The core against transcripts: one block of text is one behaviour, in virtual time.
//!
//! `!` is what the user does, `<` what the server or the host does; both are played. `>` is what
//! goes to the server or the host, `=` what the user sees; both are compared. CONTRIBUTING.md has
//! the list of lines. `WIREQL_BLESS=1 cargo test --test core` writes what came into the files, to be
//! read before it is committed.
//!
//! Each block of `transcripts/*.txt` is a test. It is played twice: once with every frame decoded by
//! the core, once with results taken the short way, as the driver does. The cells of a client's tables,
//! in `tables.rs`, are tests too.
#![cfg_attr(target_arch = "wasm32", no_main)]
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod native;
mod player;
mod tables;

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};
use player::{Player, Way};

fn main() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let transcripts = files(&here.join("tests/core/transcripts"));
    if std::env::var_os("WIREQL_BLESS").is_some() {
        return transcripts.iter().for_each(|file| bless(file));
    }
    let mut trials: Vec<_> = transcripts.iter().flat_map(|file| trials(file)).collect();
    trials.extend(tables::trials());
    // What the `trace` option gave in the end-to-end tests. scripts/test.sh plays them when those
    // have run.
    for file in files(&here.join("target/traces")) {
        let name = format!("trace: {}", stem(&file));
        trials.push(Trial::test(name, move || replay(&file)).with_ignored_flag(true));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// The text files of a folder, which need not be there.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap().to_string_lossy().into_owned()
}

fn blocks(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    text.trim().split("\n\n").map(str::to_owned).collect()
}

fn trials(file: &Path) -> Vec<Trial> {
    let trial = |block: String| {
        let title = block
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("# "));
        let title = title.unwrap_or("a block without a title: it must begin with `# `");
        let name = format!("{}: {title}", stem(file));
        Trial::test(name, move || play(&block))
    };
    blocks(file).into_iter().map(trial).collect()
}

fn play(block: &str) -> Result<(), Failed> {
    if !block.starts_with("# ") {
        return Err(format!("a block without a title:\n{block}").into());
    }
    for way in [Way::Long, Way::Short] {
        let played = Player::new(way).play(block);
        same(
            "expected",
            block,
            &format!("came ({way:?})"),
            &played.transcript,
        )?;
        same("transcript", &played.traceable, "trace", &played.trace)?;
    }
    Ok(())
}

fn bless(file: &Path) {
    let play = |block: String| Player::new(Way::Long).play(&block).transcript;
    let blessed: Vec<_> = blocks(file).into_iter().map(play).collect();
    fs::write(file, blessed.join("\n\n") + "\n").unwrap();
}

/// Plays what the package's `trace` wrote like any transcript, but for the results, as a user of the
/// package reads them when they like, and for the times, which in a real host go on while it works.
fn replay(file: &Path) -> Result<(), Failed> {
    let recorded = fs::read_to_string(file).unwrap();
    let played = Player::new(Way::Long).replay(&recorded).transcript;
    same(
        "recorded",
        &without_times(&recorded),
        "played",
        &without_times(&played),
    )
}

fn without_times(transcript: &str) -> String {
    let lines = transcript.lines().filter_map(|line| {
        let (_, mark, text) = player::split(line)?;
        let text = text.split(" [cause ").next()?;
        // No lines of a trace: what a user interface shows, and what users' functions are asked.
        let is_seen = mark == "=" && (text.starts_with("status ") || text.starts_with("asks "));
        let is_left_out = is_seen || player::is_result(mark, text);
        (!is_left_out).then(|| format!("{mark} {text}"))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn same(what: &str, expected: &str, other: &str, actual: &str) -> Result<(), Failed> {
    if expected == actual {
        return Ok(());
    }
    Err(format!("---- {what} ----\n{expected}\n---- {other} ----\n{actual}").into())
}
