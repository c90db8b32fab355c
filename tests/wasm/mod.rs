//! The driver and the exported classes in a real host, on a scripted socket: what a host can do to
//! us that no server can. Each case is a function of `cases.js`, which gets a function that makes
//! a transport.

mod rust;

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use wireql::driver::host::{self, Host};
use wireql::exports::{Handle, WebSocketTransport, provide};
use wireql::json::Json;
use wireql::protocol::{Dialect, Message, Received};

#[wasm_bindgen(module = "/tests/wasm/cases.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = runCase)]
    fn run_case(name: &str, make: &JsValue) -> Result<Promise, JsValue>;

    /// Frames that a server could send, as text.
    fn corpus(result_type: &str) -> Array;

    #[wasm_bindgen(js_name = scriptedSocket)]
    fn scripted_socket() -> web_sys::WebSocket;

    /// Hands a message to the socket's handler.
    fn say(socket: &web_sys::WebSocket, text: &JsValue);
}

fn make(url: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    WebSocketTransport::new(&url, &options).map(JsValue::from)
}

/// Gives the classes of JavaScript the one that this module exports, which no Rust can name.
fn provide_handle() {
    let host = Host::new(&Object::new());
    let handle = Handle::new(0, 0, 0, 0, 0, 0, true, 0, &host, false);
    let class = Reflect::get(&handle.into(), &"constructor".into()).unwrap();
    let give = Function::new_with_args("Handle", "return () => Handle");
    provide(&give.call1(&JsValue::UNDEFINED, &class).unwrap());
}

async fn case(name: &str) {
    provide_handle();
    let make = Closure::<dyn Fn(JsValue, JsValue) -> Result<JsValue, JsValue>>::new(make);
    let finished = match run_case(name, make.as_ref()) {
        Ok(promise) => JsFuture::from(promise).await,
        Err(thrown) => Err(thrown),
    };
    if let Err(error) = finished {
        let stack = Reflect::get(&error, &"stack".into()).ok();
        let told = stack.and_then(|stack| stack.as_string());
        panic!("{name}: {}", told.unwrap_or_else(|| format!("{error:?}")));
    }
}

macro_rules! cases {
    ($($name:ident)*) => {
        $(
            #[wasm_bindgen_test]
            async fn $name() {
                case(stringify!($name)).await;
            }
        )*

        #[wasm_bindgen_test]
        async fn every_case_is_run() {
            let run = [$(stringify!($name)),*].join(" ");
            let make = Closure::<dyn Fn() -> JsValue>::new(move || JsValue::from_str(&run));
            JsFuture::from(run_case("allCasesAreListed", make.as_ref()).unwrap())
                .await
                .unwrap();
        }
    };
}

cases! {
    results_arrive_in_order
    several_next_calls_wait_at_once
    results_wait_for_a_late_reader
    the_end_reaches_all_who_wait
    an_error_reaches_the_first_who_waits
    return_ends_the_iteration_and_stops_the_operation_once
    throw_gives_the_error_back
    break_stops_the_operation
    the_iterator_is_the_hosts_kind_of_async_iterator
    await_using_stops_the_operation_and_closes_the_transport
    execute_resolves_with_the_first_answer
    errors_are_errors_of_our_classes
    an_error_in_the_handshake_carries_code_and_reason
    a_bad_url_is_refused_by_the_constructor
    a_bad_option_is_refused_by_the_constructor
    good_options_are_taken
    a_bad_document_is_refused
    good_documents_are_sent
    the_init_payload_is_asked_for_each_attempt
    an_init_payload_that_fails_fails_the_attempt
    the_url_is_asked_for_each_attempt
    a_user_function_may_come_back_at_once
    a_socket_may_answer_within_send
    a_constructor_that_throws_fails_the_attempt
    a_socket_that_refuses_handlers_fails_the_attempt
    what_was_handed_on_to_the_socket_is_in_no_message
    what_is_done_within_send_comes_after_what_is_sent
    a_socket_may_connect_again_within_close
    execute_of_an_incremental_query_stops_it
    a_failure_is_remembered
    a_constructor_may_close_the_transport
    a_send_that_throws_ends_the_connection
    no_handler_is_left_on_a_socket_that_is_done_with
    a_stale_socket_says_nothing
    binary_messages_are_asked_for_as_array_buffers
    a_timeout_rejects
    long_times_do_not_fire_at_once
    no_timer_is_left_after_the_end
    connect_twice_is_refused
    close_is_idempotent
    a_close_resolves_everybody_who_waits
    connect_args_are_handed_on
    pings_and_pongs_carry_payloads
    the_state_is_told
    the_legacy_dialect_is_spoken
    a_dialect_that_fails_is_followed_by_the_other
    an_aborted_signal_ends_connect
    an_aborted_signal_ends_an_operation
    a_signal_is_let_go_when_the_operation_is_over
    a_signal_that_refuses_listeners_ends_nothing
    an_observer_is_told
    an_observer_may_unsubscribe_within_a_call
    an_observer_is_not_called_before_subscribe_returns
    what_an_observer_throws_is_reported_and_ends_nothing
    a_signal_ends_an_observation
    listeners_are_told_of_events
    a_listener_may_throw_and_call_back
    the_close_reason_is_told
    response_headers_are_told
    a_trace_is_a_transcript_without_secrets
}

/// The short way through `host.js` takes a frame exactly if the decoder finds in it a result for
/// an id such as ours, and gives the same id and payload.
#[wasm_bindgen_test]
fn the_short_way_and_the_decoders_agree() {
    for dialect in Dialect::ALL {
        compare(*dialect);
    }
}

/// What `dispatch` is called for.
const RESULT: u32 = 0;
const FRAME: u32 = 1;
const COMPLETE: u32 = 13;

fn compare(dialect: Dialect) {
    let seen = Array::new();
    let note = {
        let seen = seen.clone();
        Closure::<dyn Fn(u32, u32, u32, JsValue)>::new(
            move |what: u32, attempt: u32, number: u32, value| {
                seen.push(
                    &[what.into(), attempt.into(), number.into(), value]
                        .iter()
                        .collect::<Array>(),
                );
            },
        )
    };
    let host = Host::new(&Object::new());
    let weak = host::begin(&host, note.as_ref());
    host::opened(&weak, "", dialect.result_type());
    let socket = scripted_socket();
    host::attach(&weak, 7, &socket);

    let corpus = corpus(dialect.result_type());
    let (mut taken, mut ended) = (0, 0);
    for text in corpus.iter() {
        seen.set_length(0);
        say(&socket, &text);
        assert_eq!(seen.length(), 1);
        let seen = Array::from(&seen.get(0));
        assert_eq!(seen.get(1), 7, "the attempt");
        let value = js_sys::JSON::parse(&text.as_string().unwrap()).unwrap();
        match dialect.decode(&value) {
            Ok(Received {
                message: Message::Next,
                id: Some(id),
                payload: Some(payload),
            }) => {
                assert_eq!(seen.get(0), RESULT, "{text:?}");
                assert_eq!(seen.get(2), id, "{text:?}");
                assert_eq!(seen.get(3).to_json(), payload.to_json(), "{text:?}");
                taken += 1;
            }
            Ok(Received {
                message: Message::Complete,
                id: Some(id),
                ..
            }) => {
                assert_eq!(seen.get(0), COMPLETE, "{text:?}");
                assert_eq!(seen.get(2), id, "{text:?}");
                ended += 1;
            }
            _ => {
                assert_eq!(seen.get(0), FRAME, "{text:?}");
                assert_eq!(seen.get(2), 0, "{text:?}");
            }
        }
    }
    assert!(ended >= 1);
    assert!(taken >= 5 && taken < corpus.length());
}

#[wasm_bindgen_test]
fn the_kind_is_found_in_documents_of_every_shape() {
    use wireql::operations::OperationType::*;
    let cases = [
        ("{ a }", None, Query),
        ("query { a }", None, Query),
        (
            "  # subscription\n mutation M($a: [Int!]! = [1]) { a }",
            None,
            Mutation,
        ),
        ("\u{feff}subscription S { a }", None, Subscription),
        (
            "fragment subscription on T { query } subscription { a }",
            None,
            Subscription,
        ),
        (
            "query A { a } subscription B { b }",
            Some("B"),
            Subscription,
        ),
        ("query A { a } subscription B { b }", Some("A"), Query),
        ("query A { a } subscription B { b }", Some("C"), Unknown),
        ("{ a } mutation B { b }", Some("B"), Mutation),
        (
            r#"query A { a(s: "} subscription B {") } mutation B { b }"#,
            Some("B"),
            Mutation,
        ),
        (
            r#"query A { a(s: """ \""" } " subscription B { """) } mutation B { b }"#,
            Some("B"),
            Mutation,
        ),
        (
            r#"query A { a(s: "\\") } mutation B { b }"#,
            Some("B"),
            Mutation,
        ),
        (
            r#"query A { a(s: "\"") } mutation B { b }"#,
            Some("B"),
            Mutation,
        ),
        (
            "query A @d(x: {a: 1}) { a } subscription B { b }",
            Some("B"),
            Subscription,
        ),
        (
            "query L($a: T = {b: [live]}) @a(live: 1) @live { a }",
            None,
            LiveQuery,
        ),
        ("query live($live: A) @a(live: 1) { a @live }", None, Query),
        ("subscription @live { a }", None, Subscription),
        ("subscription", None, Subscription),
        ("}}}{", None, Query),
        ("type T { a: Int }", None, Unknown),
        (r#""never closed"#, None, Unknown),
        ("ü { a }", None, Query),
        ("", None, Unknown),
    ];
    for (text, name, expected) in cases {
        assert_eq!(
            host::operation_type(text, name),
            expected,
            "{text} {name:?}"
        );
    }
}
