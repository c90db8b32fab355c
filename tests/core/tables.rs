//! The tables of a client, cell by cell: what follows a failure, what becomes of an operation on a lost
//! connection, what a hint causes, and how long the delays are.
//!
//! The tables here were written from the specification and not from the core, and a cell is played like any
//! transcript. So a slip in one of the core's tables, and a table that nobody asks, are both seen.

use std::fmt::Write;

use libtest_mimic::{Failed, Trial};

use crate::player::{Player, Way, split};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = verdicts();
    trials.extend(operations());
    trials.extend(hints());
    trials.extend(delays());
    trials
}

/// The mark and the text of each line that came at or after a time.
struct Came(Vec<(u64, char, String)>);

impl Came {
    /// Plays lines, each `TIME MARK TEXT`, and gives what came from the core from `since` on.
    fn of(lines: &[String], since: u64) -> Self {
        let mut block = "# a cell\n".to_owned();
        for line in lines {
            writeln!(block, "at {line}").unwrap();
        }
        let played = Player::new(Way::Long).play(&block).transcript;
        let came = played.lines().filter_map(split);
        let came = came.filter(|(at, mark, _)| *at >= since && matches!(*mark, ">" | "="));
        Came(
            came.map(|(at, mark, text)| (at, mark.chars().next().unwrap(), text.to_owned()))
                .collect(),
        )
    }

    fn all(&self, start: &str) -> Vec<&str> {
        let texts = self.0.iter().map(|(_, _, text)| text.as_str());
        texts.filter(|text| text.starts_with(start)).collect()
    }

    fn has(&self, start: &str) -> bool {
        !self.all(start).is_empty()
    }

    fn last(&self, start: &str) -> Option<&str> {
        self.all(start).last().copied()
    }

    /// The frames that start operations.
    fn starts(&self) -> Vec<&str> {
        const STARTS: [&str; 3] = [r#""type":"subscribe""#, r#""type":"start""#, r#","doc",{"#];
        let texts = self.0.iter().map(|(_, _, text)| text.as_str());
        texts
            .filter(|text| STARTS.iter().any(|start| text.contains(start)))
            .collect()
    }

    /// The delay that a user interface shows.
    fn delay(&self) -> Option<u64> {
        let (_, delay) = self.last("status ")?.split_once(", next in ")?;
        delay.parse().ok()
    }

    fn expect(&self, is_met: bool, what: &str) -> Result<(), Failed> {
        if is_met {
            return Ok(());
        }
        let lines = self.0.iter();
        let lines = lines.map(|(at, mark, text)| format!("at {at} {mark} {text}\n"));
        Err(format!("expected {what}; came\n{}", lines.collect::<String>()).into())
    }
}

fn lines(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

// ---- what follows a failure -------------------------------------------------------------

/// What the specification says of a failure.
#[derive(Clone, Copy)]
enum Says {
    Retry,
    /// In a window of at least eight times the first.
    RetryLater,
    /// The denial rule.
    Denied,
    /// Another attempt; and operations that never settled are suspects.
    RetrySuspects,
    Stop,
    /// It cannot happen then.
    Never,
}

/// How something ends before the ack, and after it: options, and what happens 200 ms after the attempt began.
struct Ending {
    name: &'static str,
    before: (&'static str, &'static [&'static str]),
    after: (&'static str, &'static [&'static str]),
}

const IMPOSSIBLE: (&str, &[&str]) = ("", &[]);

/// By close codes: before the ack, after it.
const BY_CODE: &[(&[u16], Says, Says)] = &[
    (
        &[1000, 1001, 1005, 1006, 1011, 1012, 1014, 1015],
        Says::Retry,
        Says::Retry,
    ),
    // Any other.
    (
        &[3001, 3002, 3004, 3999, 4000, 4001, 4402, 4404, 4501, 4999],
        Says::Retry,
        Says::Retry,
    ),
    (&[1013, 4429], Says::RetryLater, Says::RetryLater),
    (&[4401, 4403, 1008, 3000, 3003], Says::Denied, Says::Denied),
    (&[4500], Says::Retry, Says::RetrySuspects),
    (
        &[4400, 4409, 1002, 1003, 1007, 1009, 1010],
        Says::Stop,
        Says::RetrySuspects,
    ),
    (&[4406], Says::Stop, Says::Retry),
    (&[4408, 4499, 4504], Says::Retry, Says::Retry),
];

/// By errors.
const BY_ERROR: &[(Ending, Says, Says)] = &[
    (
        Ending {
            name: "CONNECTION_ERROR",
            before: ("", &["open", r#"< {"type":"connection_error"}"#]),
            after: IMPOSSIBLE,
        },
        Says::Denied,
        Says::Never,
    ),
    (
        Ending {
            name: "HTTP 401",
            before: ("", &["< error Unexpected server response: 401"]),
            after: IMPOSSIBLE,
        },
        Says::Denied,
        Says::Never,
    ),
    (
        Ending {
            name: "HTTP 403",
            before: ("", &["< error Unexpected server response: 403"]),
            after: IMPOSSIBLE,
        },
        Says::Denied,
        Says::Never,
    ),
    (
        Ending {
            name: "HTTP 502",
            before: ("", &["< error Unexpected server response: 502"]),
            after: IMPOSSIBLE,
        },
        Says::Retry,
        Says::Never,
    ),
    (
        Ending {
            name: "CONNECTION_REFUSED",
            before: ("", &["< error connect ECONNREFUSED 127.0.0.1:4000"]),
            after: IMPOSSIBLE,
        },
        Says::Retry,
        Says::Never,
    ),
    (
        Ending {
            name: "CONNECTION_REFUSED without a word",
            before: ("", &["< lost"]),
            after: IMPOSSIBLE,
        },
        Says::Retry,
        Says::Never,
    ),
    (
        Ending {
            name: "WRONG_SUBPROTOCOL",
            before: ("", &["< opened mqtt"]),
            after: IMPOSSIBLE,
        },
        Says::Stop,
        Says::Never,
    ),
    (
        Ending {
            name: "NOT_JSON",
            before: ("", &["open", "< nonsense"]),
            after: ("", &["< nonsense"]),
        },
        Says::Stop,
        Says::Retry,
    ),
    (
        Ending {
            name: "BINARY_FRAME",
            before: ("", &["open", "< binary"]),
            after: ("", &["< binary"]),
        },
        Says::Stop,
        Says::Retry,
    ),
    (
        Ending {
            name: "INVALID_MESSAGE",
            before: ("", &["open", r#"< {"type":1}"#]),
            after: ("", &["< null"]),
        },
        Says::Stop,
        Says::Retry,
    ),
    (
        Ending {
            name: "CONNECT_TIMEOUT",
            before: ("connectTimeout=200", &["! wait"]),
            after: IMPOSSIBLE,
        },
        Says::Retry,
        Says::Never,
    ),
    (
        Ending {
            name: "ACK_TIMEOUT",
            before: ("ackTimeout=50", &["open", "! wait"]),
            after: IMPOSSIBLE,
        },
        Says::Retry,
        Says::Never,
    ),
    (
        Ending {
            name: "PONG_TIMEOUT",
            before: IMPOSSIBLE,
            after: ("pingInterval=100 pongTimeout=50", &["! wait"]),
        },
        Says::Never,
        Says::Retry,
    ),
    (
        Ending {
            name: "KEEP_ALIVE_TIMEOUT",
            before: IMPOSSIBLE,
            after: ("keepAliveTimeout=150", &["! wait"]),
        },
        Says::Never,
        Says::Retry,
    ),
    (
        Ending {
            name: "a probe",
            before: IMPOSSIBLE,
            after: ("probeTimeout=0", &["! notify online", "! wait"]),
        },
        Says::Never,
        Says::Retry,
    ),
    (
        Ending {
            name: "URL_FAILED",
            before: ("url=function", &["! url-fails no token"]),
            after: IMPOSSIBLE,
        },
        Says::Retry,
        Says::Never,
    ),
    (
        Ending {
            name: "INIT_PAYLOAD_FAILED",
            before: ("initPayload=function", &["! init-payload-fails no token"]),
            after: IMPOSSIBLE,
        },
        Says::Retry,
        Says::Never,
    ),
    (
        Ending {
            name: "SOCKET_FAILED",
            before: ("", &["< refuses insecure"]),
            after: ("", &["< refuses too large"]),
        },
        Says::Stop,
        Says::Stop,
    ),
    (
        Ending {
            name: "AppSync: UnauthorizedException",
            before: (
                "dialect=appsync",
                &[
                    "open",
                    r#"< {"type":"connection_error","payload":{"errors":[{"errorType":"UnauthorizedException","message":"no","errorCode":401}]}}"#,
                ],
            ),
            after: IMPOSSIBLE,
        },
        Says::Denied,
        Says::Never,
    ),
    (
        Ending {
            name: "AppSync: UnauthorizedException with a namespace",
            before: (
                "dialect=appsync",
                &[
                    "open",
                    r#"< {"type":"connection_error","payload":{"errors":[{"errorType":"com.amazonaws.deepdish.graphql.auth#UnauthorizedException","message":"no","errorCode":400}]}}"#,
                ],
            ),
            after: IMPOSSIBLE,
        },
        Says::Denied,
        Says::Never,
    ),
    (
        Ending {
            name: "AppSync: an error that is no list",
            before: (
                "dialect=appsync",
                &[
                    "open",
                    r#"< {"type":"connection_error","payload":{"errors":{"errorType":"UnauthorizedException","message":"no"}}}"#,
                ],
            ),
            after: IMPOSSIBLE,
        },
        Says::Denied,
        Says::Never,
    ),
    (
        Ending {
            name: "AppSync: an error by itself",
            before: (
                "dialect=appsync",
                &[
                    "open",
                    r#"< {"type":"connection_error","payload":{"errorType":"UnauthorizedException","message":"no"}}"#,
                ],
            ),
            after: IMPOSSIBLE,
        },
        Says::Denied,
        Says::Never,
    ),
    (
        Ending {
            name: "AppSync: code 403 alone",
            before: (
                "dialect=appsync",
                &[
                    "open",
                    r#"< {"type":"connection_error","payload":{"errors":[{"message":"no","errorCode":403}]}}"#,
                ],
            ),
            after: IMPOSSIBLE,
        },
        Says::Denied,
        Says::Never,
    ),
    (
        Ending {
            name: "AppSync: BadRequestException",
            before: (
                "dialect=appsync",
                &[
                    "open",
                    r#"< {"type":"connection_error","payload":{"errors":[{"errorType":"BadRequestException","message":"no","errorCode":400}]}}"#,
                ],
            ),
            after: IMPOSSIBLE,
        },
        Says::Stop,
        Says::Never,
    ),
    (
        Ending {
            name: "AppSync: code 400 alone",
            before: (
                "dialect=appsync",
                &[
                    "open",
                    r#"< {"type":"connection_error","payload":{"errors":[{"message":"no","errorCode":400}]}}"#,
                ],
            ),
            after: IMPOSSIBLE,
        },
        Says::Stop,
        Says::Never,
    ),
    (
        Ending {
            name: "AppSync: NoProtocolError",
            before: (
                "dialect=appsync",
                &[
                    "open",
                    r#"< {"type":"connection_error","payload":{"errors":[{"message":"NoProtocolError"}]}}"#,
                ],
            ),
            after: IMPOSSIBLE,
        },
        Says::Stop,
        Says::Never,
    ),
    (
        Ending {
            name: "AppSync: SubProtocolNotSupportedError",
            before: (
                "dialect=appsync",
                &[
                    "open",
                    r#"< {"type":"connection_error","payload":{"errors":[{"message":"SubProtocolNotSupportedError","errorCode":400}]}}"#,
                ],
            ),
            after: IMPOSSIBLE,
        },
        Says::Stop,
        Says::Never,
    ),
    (
        Ending {
            name: "AppSync: InternalFailure",
            before: (
                "dialect=appsync",
                &[
                    "open",
                    r#"< {"type":"connection_error","payload":{"errors":[{"errorType":"InternalFailure","message":"no","errorCode":500}]}}"#,
                ],
            ),
            after: IMPOSSIBLE,
        },
        Says::Retry,
        Says::Never,
    ),
    (
        Ending {
            name: "AppSync: an error of no known form",
            before: (
                "dialect=appsync",
                &[
                    "open",
                    r#"< {"type":"connection_error","payload":{"errors":[]}}"#,
                ],
            ),
            after: IMPOSSIBLE,
        },
        Says::Retry,
        Says::Never,
    ),
    (
        Ending {
            name: "AppSync: no payload",
            before: (
                "dialect=appsync",
                &["open", r#"< {"type":"connection_error"}"#],
            ),
            after: IMPOSSIBLE,
        },
        Says::Retry,
        Says::Never,
    ),
    (
        Ending {
            name: "Phoenix: a join that is refused",
            before: (
                "dialect=phoenix",
                &[
                    "open",
                    r#"< ["j1","j1","__absinthe__:control","phx_reply",{"status":"error","response":{"reason":"unauthorized"}}]"#,
                ],
            ),
            after: IMPOSSIBLE,
        },
        Says::Denied,
        Says::Never,
    ),
    (
        Ending {
            name: "Phoenix: a topic that is not there",
            before: (
                "dialect=phoenix",
                &[
                    "open",
                    r#"< ["j1","j1","__absinthe__:control","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]"#,
                ],
            ),
            after: IMPOSSIBLE,
        },
        Says::Stop,
        Says::Never,
    ),
    (
        Ending {
            name: "Phoenix: a join that crashes",
            before: (
                "dialect=phoenix",
                &[
                    "open",
                    r#"< ["j1","j1","__absinthe__:control","phx_reply",{"status":"error","response":{"reason":"join crashed"}}]"#,
                ],
            ),
            after: IMPOSSIBLE,
        },
        Says::Retry,
        Says::Never,
    ),
    (
        Ending {
            name: "Phoenix: a channel that crashes",
            before: IMPOSSIBLE,
            after: (
                "dialect=phoenix",
                &[r#"< ["j1","j1","__absinthe__:control","phx_error",{}]"#],
            ),
        },
        Says::Never,
        Says::RetrySuspects,
    ),
    (
        Ending {
            name: "Phoenix: a channel that is closed",
            before: IMPOSSIBLE,
            after: (
                "dialect=phoenix",
                &[r#"< ["j1","j1","__absinthe__:control","phx_close",{}]"#],
            ),
        },
        Says::Never,
        Says::Retry,
    ),
    (
        Ending {
            name: "Phoenix: another form of messages",
            before: (
                "dialect=phoenix",
                &["open", r#"< {"type":"connection_ack"}"#],
            ),
            after: ("dialect=phoenix", &[r#"< {"type":"ping"}"#]),
        },
        Says::Stop,
        Says::Retry,
    ),
    (
        Ending {
            name: "Phoenix: close 1000",
            before: ("dialect=phoenix", &["open", r#"< closed 1000"#]),
            after: ("dialect=phoenix", &[r#"< closed 1000"#]),
        },
        Says::Retry,
        Says::Retry,
    ),
    (
        Ending {
            name: "Phoenix: close 1002",
            before: ("dialect=phoenix", &["open", r#"< closed 1002"#]),
            after: ("dialect=phoenix", &[r#"< closed 1002"#]),
        },
        Says::Retry,
        Says::Retry,
    ),
    (
        Ending {
            name: "Phoenix: close 1001",
            before: ("dialect=phoenix", &["open", r#"< closed 1001"#]),
            after: ("dialect=phoenix", &[r#"< closed 1001"#]),
        },
        Says::Retry,
        Says::Retry,
    ),
    (
        Ending {
            name: "Phoenix: close 1011",
            before: ("dialect=phoenix", &["open", r#"< closed 1011"#]),
            after: ("dialect=phoenix", &[r#"< closed 1011"#]),
        },
        Says::Retry,
        Says::Retry,
    ),
    (
        Ending {
            name: "Phoenix: close 1012",
            before: ("dialect=phoenix", &["open", r#"< closed 1012"#]),
            after: ("dialect=phoenix", &[r#"< closed 1012"#]),
        },
        Says::Retry,
        Says::Retry,
    ),
    (
        Ending {
            name: "CREDENTIALS_FAILED",
            before: (
                "dialect=phoenix handshake=function",
                &["! handshake-fails no token"],
            ),
            after: IMPOSSIBLE,
        },
        Says::Retry,
        Says::Never,
    ),
];

fn verdicts() -> Vec<Trial> {
    let mut trials = Vec::new();
    let mut add = |name: &str, when: &str, says: Says, attempt: Attempt| {
        let cases: &[&str] = match says {
            Says::Never => &[],
            Says::Denied => &["the first", "the first with new credentials", "the second"],
            _ => &[""],
        };
        for case in cases {
            let attempt = attempt.clone();
            let title = format!("verdict table: {name} {when}: {says} {case}");
            let trial = Trial::test(title.trim_end(), move || attempt.judge(says, case));
            trials.push(trial);
        }
    };
    for (codes, before, after) in BY_CODE {
        for code in *codes {
            let end = if *code == 1006 {
                "< lost".to_owned()
            } else {
                format!("< closed {code}")
            };
            let name = format!("close {code}");
            let attempt = Attempt::before("", &["open", &end]);
            add(&name, BEFORE, *before, attempt);
            add(&name, AFTER, *after, Attempt::after("", &[&end]));
        }
    }
    for (ending, before, after) in BY_ERROR {
        let (options, ends) = ending.before;
        add(ending.name, BEFORE, *before, Attempt::before(options, ends));
        let (options, ends) = ending.after;
        add(ending.name, AFTER, *after, Attempt::after(options, ends));
    }
    trials
}

const BEFORE: &str = "before the ack";
const AFTER: &str = "after the ack";

impl std::fmt::Display for Says {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Says::Retry => "retry",
            Says::RetryLater => "retry, later",
            Says::Denied => "denied",
            Says::RetrySuspects => "retry, with suspects",
            Says::Stop => "stop",
            Says::Never => "never",
        })
    }
}

/// An attempt that ends.
#[derive(Clone)]
struct Attempt {
    options: String,
    is_ready: bool,
    ends: Vec<String>,
}

impl Attempt {
    fn before(options: &str, ends: &[&str]) -> Self {
        Attempt {
            options: options.to_owned(),
            is_ready: false,
            ends: lines(ends),
        }
    }

    fn after(options: &str, ends: &[&str]) -> Self {
        Attempt {
            is_ready: true,
            ..Self::before(options, ends)
        }
    }

    /// How a server accepts a connection.
    fn accepted(&self) -> (&'static str, &'static str) {
        const ACK: &str = r#"< {"type":"connection_ack"}"#;
        const JOINED: &str =
            r#"< ["j1","j1","__absinthe__:control","phx_reply",{"status":"ok","response":{}}]"#;
        if self.options.contains("dialect=phoenix") {
            ("< opened", JOINED)
        } else if self.options.contains("dialect=appsync") {
            ("< opened graphql-ws", ACK)
        } else {
            ("< opened graphql-transport-ws", ACK)
        }
    }

    /// The attempt from its beginning to its end, which is 200 ms later.
    fn play(&self, begins: u64, to: &mut Vec<String>) {
        let mut add = |at: u64, line: &str| to.push(format!("{} {line}", begins + at));
        let (opened, acknowledged) = self.accepted();
        if self.is_ready {
            add(50, opened);
            add(50, acknowledged);
        }
        for end in &self.ends {
            match end.as_str() {
                "open" => add(150, opened),
                end => add(200, end),
            }
        }
    }

    fn judge(&self, says: Says, case: &str) -> Result<(), Failed> {
        match (says, case) {
            (Says::Denied, "the first") if !self.is_ready => self.stops("", 1),
            (Says::Denied, "the first") => self.retries_now(""),
            (Says::Denied, "the second") => self.stops("renews=true", 2),
            (Says::Denied, _) => self.retries_now("renews=true"),
            (Says::Stop, _) => self.stops("renews=true", 1),
            (Says::RetryLater, _) => self.retries(8_000, false),
            (Says::RetrySuspects, _) => self.retries(1_000, true),
            _ => self.retries(1_000, false),
        }
    }

    /// Two subscriptions, on one or more attempts of this kind, the next always 200 ms after the one before.
    fn begin(&self, options: &str, attempts: u64) -> Vec<String> {
        let mut played = vec![
            format!(
                "0 ! options client=true subprotocols=graphql-transport-ws {} {options}",
                self.options
            ),
            "0 ! subscribe subscription { a }".to_owned(),
            "0 ! subscribe subscription { b }".to_owned(),
        ];
        for attempt in 0..attempts {
            self.play(attempt * 200, &mut played);
        }
        played
    }

    fn stops(&self, options: &str, attempts: u64) -> Result<(), Failed> {
        let came = Came::of(&self.begin(options, attempts), 200 * attempts);
        came.expect(came.has("disconnected stop "), "a stop")?;
        came.expect(
            came.has("1 fails ") && came.has("2 fails "),
            "the operations to end",
        )?;
        let is_failed = |status: &str| status.starts_with("status failed");
        came.expect(
            came.last("status ").is_some_and(is_failed),
            "a client that gave up",
        )
    }

    fn retries_now(&self, options: &str) -> Result<(), Failed> {
        let came = Came::of(&self.begin(options, 1), 200);
        came.expect(came.has("disconnected retry "), "a retry")?;
        let number = if self.is_ready { 1 } else { 2 };
        came.expect(
            came.has(&format!("attempt {number}, denied, ")) && came.has("open "),
            "an attempt at once",
        )
    }

    fn retries(&self, window: u64, has_suspects: bool) -> Result<(), Failed> {
        let mut longest = 0;
        for seed in 0..20 {
            let mut played = self.begin(&format!("renews=true seed={seed}"), 1);
            let came = Came::of(&played, 200);
            came.expect(came.has("disconnected retry "), "a retry")?;
            let delay = came.delay().unwrap_or(0);
            came.expect(
                (window / 10..=window).contains(&delay),
                &format!("a delay in a window of {window}"),
            )?;
            longest = longest.max(delay);
            let next = 200 + delay;
            // What the user's functions say, where they wait.
            played.push(format!("{next} ! url ws://server/graphql"));
            played.push(format!("{next} ! init-payload"));
            if self.options.contains("handshake=function") {
                played.push(format!("{next} ! handshake ws://server/graphql"));
            }
            let (opened, acknowledged) = self.accepted();
            played.push(format!("{next} {opened}"));
            played.push(format!("{next} {acknowledged}"));
            let came = Came::of(&played, next);
            let expected = if has_suspects { 1 } else { 2 };
            came.expect(
                came.starts().len() == expected,
                &format!("{expected} of two operations to be sent"),
            )?;
        }
        if longest <= window / 2 {
            return Err(format!("the longest of twenty delays is {longest} of {window}").into());
        }
        Ok(())
    }
}

// ---- operations on a lost connection ------------------------------------------------------

/// What becomes of an operation.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    /// It waits, and is sent by the next connection.
    Waits,
    SentAgain,
    /// The same; its consumer is told.
    ToldAndSentAgain,
    OutcomeUnknown,
}

/// How far an operation had come. An operation that may have more than one result has had one, and two.
#[derive(Clone, Copy, PartialEq)]
enum Far {
    NotSent,
    /// The socket was closing when it was to be sent.
    Unsent,
    Sent,
    /// Sent, and by time the server has it.
    Settled,
    OneResult,
    TwoResults,
}

const FAR: [(&str, Far); 6] = [
    ("not sent", Far::NotSent),
    ("unsent", Far::Unsent),
    ("sent", Far::Sent),
    ("settled", Far::Settled),
    ("with a result", Far::OneResult),
    ("with two results", Far::TwoResults),
];

/// A request without text.
const NO_TEXT: &str = r#"{"extensions":{"hash":"a"}}"#;

/// The kind, a document of it, and what becomes of it: sent; settled; with one result, and with two. All of
/// them wait unless sent.
const KINDS: &[(&str, &str, [Fate; 4])] = &[
    (
        "subscription",
        "subscription { a }",
        [
            Fate::SentAgain,
            Fate::ToldAndSentAgain,
            Fate::ToldAndSentAgain,
            Fate::ToldAndSentAgain,
        ],
    ),
    (
        "live query",
        "query @live { a }",
        [
            Fate::SentAgain,
            Fate::ToldAndSentAgain,
            Fate::ToldAndSentAgain,
            Fate::ToldAndSentAgain,
        ],
    ),
    (
        "query",
        "query { a }",
        [
            Fate::SentAgain,
            Fate::SentAgain,
            Fate::ToldAndSentAgain,
            Fate::ToldAndSentAgain,
        ],
    ),
    ("mutation", "mutation { a }", [Fate::OutcomeUnknown; 4]),
    (
        "no text",
        NO_TEXT,
        [
            Fate::OutcomeUnknown,
            Fate::OutcomeUnknown,
            Fate::OutcomeUnknown,
            Fate::ToldAndSentAgain,
        ],
    ),
];

fn operations() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (kind, document, [sent, settled, one_result, two_results]) in KINDS {
        for (verb, is_idempotent) in [
            ("subscribe", false),
            ("subscribe", true),
            ("execute", false),
            ("execute", true),
        ] {
            for (far, progress) in FAR {
                let fate = match progress {
                    Far::NotSent | Far::Unsent => Fate::Waits,
                    Far::Sent => *sent,
                    Far::Settled => *settled,
                    Far::OneResult => *one_result,
                    Far::TwoResults => *two_results,
                };
                let fate = match fate {
                    Fate::OutcomeUnknown if is_idempotent => Fate::SentAgain,
                    fate => fate,
                };
                // The consumer of an execution leaves with the first result.
                if verb == "execute" && matches!(progress, Far::OneResult | Far::TwoResults) {
                    continue;
                }
                let flag = if is_idempotent { "[idempotent] " } else { "" };
                let title = format!("operation table: {verb} {flag}{kind}, {far}");
                let made = format!("{verb} {flag}{document}");
                trials.push(Trial::test(title, move || meets(&made, progress, fate)));
            }
        }
    }
    trials
}

/// Whether an operation that has come so far meets its fate when the connection is lost.
fn meets(made: &str, progress: Far, fate: Fate) -> Result<(), Failed> {
    let mut played = lines(&["0 ! options client=true waitTimeout=null", "0 ! connect"]);
    let mut add = |line: &str| played.push(line.to_owned());
    add("1 < opened graphql-transport-ws");
    let result = r#"< {"id":"1","type":"next","payload":{"data":1,"hasNext":true}}"#;
    let ack = r#"< {"type":"connection_ack"}"#;
    if progress == Far::NotSent {
        add(&format!("2 ! {made}"));
    } else {
        add(&format!("1 {ack}"));
        add(&format!("2 ! {made}"));
    }
    match progress {
        Far::NotSent | Far::Sent => {}
        Far::Unsent => add("3 < unsent 1"),
        Far::Settled => add(r#"1500 < {"type":"ping"}"#),
        Far::OneResult => add(&format!("3 {result}")),
        Far::TwoResults => {
            // Of what may be a mutation, what follows a part is a part of the same result.
            let first = match made.ends_with(NO_TEXT) {
                true => result.replace(r#","hasNext":true"#, ""),
                false => result.to_owned(),
            };
            add(&format!("3 {first}"));
            add(&format!("4 {result}"));
        }
    }
    let first = Came::of(&played, 0);
    let mut add = |line: &str| played.push(line.to_owned());
    add("2000 < closed 1012");
    // Before the next connection.
    let lost = Came::of(&played, 2_000);
    let mut add_later = |line: &str| played.push(line.to_owned());
    // The last of an operation that waits is to keep the client from being idle.
    add_later("2001 ! subscribe subscription { other }");
    add_later("9000 < opened graphql-transport-ws");
    add_later(&format!("9000 {ack}"));
    add_later(&format!("9001 {result}"));
    let again = Came::of(&played, 9_000);

    let ends = lost.last("1 fails ");
    if fate == Fate::OutcomeUnknown {
        let is_unknown = |end: &str| end.starts_with("1 fails OUTCOME_UNKNOWN ");
        lost.expect(ends.is_some_and(is_unknown), "an unknown outcome")?;
        return again.expect(again.starts().len() == 1, "only the other operation sent");
    }
    lost.expect(!lost.has("1 fails ") && !lost.has("1 done"), "no end")?;
    again.expect(again.starts().len() == 2, "two operations sent")?;
    let sent = again.starts().first().copied();
    let sent_before = first.starts().first().copied();
    again.expect(
        sent.is_some_and(|sent| sent.starts_with(r#"{"id":"1","#)),
        "the operation sent first, with its number",
    )?;
    if fate != Fate::Waits {
        again.expect(sent == sent_before, "the same message")?;
    }
    match fate {
        Fate::ToldAndSentAgain => {
            lost.expect(
                lost.has("1 interrupted, CONNECTION_LOST"),
                "an interruption told",
            )?;
            let told = again.all("1 ");
            let is_resumed = told
                .first()
                .is_some_and(|first| first.starts_with("1 resumed, 7001 later"));
            again.expect(is_resumed, "the end of it told before the next result")
        }
        // What an idempotent mutation tells of results that come twice is not in the table.
        Fate::SentAgain if progress == Far::OneResult || progress == Far::TwoResults => Ok(()),
        _ => {
            lost.expect(!lost.has("1 "), "nothing told")?;
            again.expect(!again.has("1 resumed"), "nothing told")
        }
    }
}

// ---- hints ----------------------------------------------------------------------------------

/// What the specification says of a hint.
#[derive(Clone, Copy)]
enum Causes {
    Nothing,
    Probe,
    /// Another socket for the same attempt, without asking for anything.
    AnotherSocket,
    /// Another attempt in place of this one.
    AnotherAttempt,
    /// The delay is over.
    AttemptNow,
    Offline,
    /// The socket is closed, and nothing happens until the page is back.
    Suspension,
}

/// What a client is doing when the hint comes, in the order of the columns below.
const DOING: [(&str, &[&str]); 6] = [
    ("ready, heard of lately", &["1 ready", "4000 ! wait"]),
    ("ready, and quiet", &["1 ready", "6000 ! wait"]),
    ("connecting, without a socket", &["1 ! wait"]),
    ("connecting", &["1 ! url ws://server/graphql", "2 open"]),
    ("waiting", &["1 open", "2 < closed 1012", "3 ! wait"]),
    (
        "offline",
        &["1 ready", "2 ! notify offline", "3 < lost", "2000 ! wait"],
    ),
];

const HINTS: &[(&str, [Causes; 6])] = &[
    (
        "online",
        [
            Causes::Probe,
            Causes::Probe,
            Causes::Nothing,
            Causes::AnotherSocket,
            Causes::AttemptNow,
            Causes::AttemptNow,
        ],
    ),
    (
        "offline",
        [
            Causes::Probe,
            Causes::Probe,
            Causes::Nothing,
            Causes::Nothing,
            Causes::Offline,
            Causes::Nothing,
        ],
    ),
    (
        "visible",
        [
            Causes::Nothing,
            Causes::Probe,
            Causes::Nothing,
            Causes::Nothing,
            Causes::AttemptNow,
            Causes::AttemptNow,
        ],
    ),
    (
        "pageshow",
        [
            Causes::Nothing,
            Causes::Probe,
            Causes::Nothing,
            Causes::Nothing,
            Causes::AttemptNow,
            Causes::AttemptNow,
        ],
    ),
    (
        "wake",
        [
            Causes::Nothing,
            Causes::Probe,
            Causes::AnotherAttempt,
            Causes::AnotherAttempt,
            Causes::AttemptNow,
            Causes::AttemptNow,
        ],
    ),
    ("hidden", [Causes::Nothing; 6]),
    ("pagehide", [Causes::Suspension; 6]),
];

fn hints() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (hint, causes) in HINTS {
        for ((name, before), causes) in DOING.into_iter().zip(causes) {
            let title = format!("hint table: {hint} while {name}");
            trials.push(Trial::test(title, move || {
                is_caused(hint, name, before, *causes)
            }));
        }
    }
    trials
}

fn is_caused(hint: &str, doing: &str, before: &[&str], causes: Causes) -> Result<(), Failed> {
    // Only where it connects do the user's functions wait.
    let asks = if doing.starts_with("connecting") {
        "url=function"
    } else {
        ""
    };
    let mut played = vec![
        format!("0 ! options client=true {asks}"),
        "0 ! subscribe subscription { a }".to_owned(),
    ];
    let mut now = 0;
    for line in before {
        let (at, what) = line.split_once(' ').unwrap();
        now = at.parse().unwrap();
        match what {
            "open" | "ready" => played.push(format!("{at} < opened graphql-transport-ws")),
            what => played.push(format!("{at} {what}")),
        }
        if what == "ready" {
            played.push(format!(r#"{at} < {{"type":"connection_ack"}}"#));
        }
    }
    let now = now + 1;
    played.push(format!("{now} ! notify {hint}"));
    let came = Came::of(&played, now);
    let texts = came.all("");
    came.expect(!came.has("1 fails") && !came.has("1 done"), "no end")?;
    match causes {
        Causes::Nothing => came.expect(texts.is_empty(), "nothing"),
        Causes::Probe => {
            came.expect(texts == [r#"{"type":"ping"}"#], "a ping")?;
            played.push(format!("{} ! wait", now + 3_000));
            let later = Came::of(&played, now + 3_000);
            let is_lost = later
                .0
                .iter()
                .any(|(at, _, text)| *at == now + 3_000 && text.contains("PONG_TIMEOUT"));
            later.expect(is_lost, "the connection lost without an answer in 3,000")
        }
        Causes::AnotherSocket => {
            let expected = [
                "close 1000",
                "drop, terminate",
                "open ws://server/graphql graphql-transport-ws,graphql-ws",
            ];
            came.expect(texts == expected, "another socket and nothing else")
        }
        Causes::AnotherAttempt => came.expect(
            came.has("drop, terminate") && came.has("attempt 2, wake, -") && !came.has("open "),
            "another attempt, which asks anew",
        ),
        Causes::AttemptNow => {
            let keeps = |status: &str| {
                status.starts_with("status connecting") && status.ends_with(", failures 1")
            };
            came.expect(came.last("status ").is_some_and(keeps), "the failures kept")?;
            let reason = match (hint, doing) {
                ("online", "waiting") => "failed",
                ("online", _) => "lost",
                _ => "wake",
            };
            let is_made = came
                .all("attempt ")
                .iter()
                .any(|text| text.contains(reason));
            came.expect(is_made && came.has("open "), "an attempt now")
        }
        Causes::Offline => came.expect(
            texts == ["status offline, failures 1, next in 60000"],
            "attempts that are rare",
        ),
        Causes::Suspension => {
            let has_socket = !matches!(
                doing,
                "waiting" | "offline" | "connecting, without a socket"
            );
            came.expect(came.has("close 1000") == has_socket, "the socket closed")?;
            let waits =
                |status: &str| status.starts_with("status waiting") && !status.contains("next in");
            came.expect(came.last("status ").is_some_and(waits), "no next attempt")?;
            played.push(format!("{} ! wait", now + 10_000_000));
            let later = Came::of(&played, now + 1);
            later.expect(later.all("").is_empty(), "nothing until the page is back")?;
            played.push(format!("{} ! notify pageshow", now + 10_000_000));
            let back = Came::of(&played, now + 1);
            back.expect(back.has("attempt "), "an attempt when the page is back")
        }
    }
}

// ---- delays -----------------------------------------------------------------------------------

const SEEDS: u64 = 300;

/// After so many failures in a row: the largest delay.
const WINDOWS: [u64; 9] = [
    1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000,
];

/// The same when the server asks for patience.
const LATER_WINDOWS: [u64; 6] = [8_000, 8_000, 8_000, 8_000, 16_000, 30_000];

fn delays() -> Vec<Trial> {
    let mut trials = Vec::new();
    let mut add = |name: &str, code: u16, windows: &[u64]| {
        for (failures, window) in (1..).zip(windows.to_vec()) {
            let title = format!("delays: after {failures} failures {name}: up to {window}");
            trials.push(Trial::test(title, move || fill(code, failures, window)));
        }
    };
    add("of any kind", 1012, &WINDOWS);
    add("of a server that is busy", 1013, &LATER_WINDOWS);
    trials.push(Trial::test("delays: a seed decides on them all", || {
        let one = delays_of("seed=7", 1012, 8);
        let same = delays_of("seed=7", 1012, 8);
        let other = delays_of("seed=8", 1012, 8);
        if one != same || one == other {
            return Err(format!("{one:?}, {same:?}; {other:?}").into());
        }
        Ok(())
    }));
    trials.push(Trial::test(
        "delays: the user's baseDelay and maxDelay",
        || {
            for (options, windows) in [
                ("baseDelay=2000 maxDelay=5000", [2_000, 4_000, 5_000, 5_000]),
                ("baseDelay=5000 maxDelay=2000", [2_000; 4]),
            ] {
                for seed in 0..SEEDS {
                    let delays = delays_of(&format!("{options} seed={seed}"), 1012, 4);
                    for (delay, window) in delays.iter().zip(windows) {
                        if !(window / 10..=window).contains(delay) {
                            return Err(format!("{options}: {delays:?}").into());
                        }
                    }
                }
            }
            Ok(())
        },
    ));
    trials
}

/// The delays after so many failures in a row.
fn delays_of(options: &str, code: u16, failures: u64) -> Vec<u64> {
    let mut played = vec![
        format!(
            "0 ! options client=true initialAttempts=null connectTimeout=null ackTimeout=null {options}"
        ),
        "0 ! subscribe subscription { a }".to_owned(),
    ];
    for failure in 1..=failures {
        // Long after the longest delay.
        let at = failure * 100_000;
        played.push(format!("{at} < opened graphql-transport-ws"));
        played.push(format!("{at} < closed {code}"));
    }
    let came = Came::of(&played, 0);
    let delays = came.all("status waiting").into_iter();
    delays
        .filter_map(|status| status.split_once(", next in ")?.1.parse().ok())
        .collect()
}

/// The delays of many clients fill the window above a tenth of it, and go nowhere else.
fn fill(code: u16, failures: u64, window: u64) -> Result<(), Failed> {
    let last = |seed| {
        let delays = delays_of(&format!("seed={seed}"), code, failures);
        delays.last().copied().unwrap_or(0)
    };
    let delays: Vec<u64> = (0..SEEDS).map(last).collect();
    let (least, most) = (delays.iter().min().unwrap(), delays.iter().max().unwrap());
    let mean = delays.iter().sum::<u64>() / SEEDS;
    let is_bounded = *least >= window / 10 && *most <= window;
    let is_filled = *least <= window * 15 / 100 && *most >= window * 95 / 100;
    let is_even = (window * 50 / 100..=window * 60 / 100).contains(&mean);
    if is_bounded && is_filled && is_even {
        return Ok(());
    }
    Err(format!("from {least} to {most}, in the middle {mean}, of {window}").into())
}
