//! The options of the constructor.

use js_sys::{Array, Function, Object, Reflect, Symbol};
use wasm_bindgen::prelude::*;

use super::{check_options, described, is_record, to_json, type_error, url};
use crate::config::Config;
use crate::driver::{Host, Source, host, record};
use crate::protocol::Dialect;
use crate::time::Millis;

#[wasm_bindgen]
extern "C" {
    /// The options as the user gave them; each getter reads one.
    type Options;

    #[wasm_bindgen(method, getter, js_name = initPayload)]
    fn init_payload(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = connectTimeout)]
    fn connect_timeout(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = ackTimeout)]
    fn ack_timeout(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = closeTimeout)]
    fn close_timeout(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = keepAliveTimeout)]
    fn keep_alive_timeout(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = pingInterval)]
    fn ping_interval(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = pongTimeout)]
    fn pong_timeout(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = answerPings)]
    fn answer_pings(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = webSocket)]
    fn web_socket(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = connectArgs)]
    fn connect_args(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn headers(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn tls(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn subprotocols(this: &Options) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn trace(this: &Options) -> JsValue;
}

const KNOWN: &[&str] = &[
    "initPayload",
    "connectTimeout",
    "ackTimeout",
    "closeTimeout",
    "keepAliveTimeout",
    "pingInterval",
    "pongTimeout",
    "answerPings",
    "webSocket",
    "headers",
    "tls",
    "connectArgs",
    "subprotocols",
    "trace",
];

/// Reads what the constructor was given.
pub(super) fn read(url: &JsValue, options: &JsValue) -> Result<(Config, Host), JsValue> {
    let url_function = url.is_function().then(|| url.clone());
    let url = match url_function {
        Some(_) => Source::Function,
        None => Source::Value(url::read_url(url)?),
    };
    check_options(options, KNOWN)?;
    let empty = JsValue::from(Object::new());
    let options: &Options = if options.is_undefined() {
        &empty
    } else {
        options
    }
    .unchecked_ref();

    let default = Config::default();
    let ping_interval = interval("pingInterval", &options.ping_interval(), None)?;
    let config = Config {
        subprotocols: subprotocols(&options.subprotocols())?,
        connect_timeout: time(
            "connectTimeout",
            &options.connect_timeout(),
            default.connect_timeout,
        )?,
        ack_timeout: time("ackTimeout", &options.ack_timeout(), default.ack_timeout)?,
        close_timeout: time(
            "closeTimeout",
            &options.close_timeout(),
            default.close_timeout,
        )?,
        keep_alive_timeout: interval("keepAliveTimeout", &options.keep_alive_timeout(), None)?,
        ping_interval,
        pong_timeout: interval(
            "pongTimeout",
            &options.pong_timeout(),
            Config::half(ping_interval),
        )?,
        answer_pings: flag("answerPings", &options.answer_pings(), default.answer_pings)?,
    };

    let init_payload = options.init_payload();
    let web_socket = class("webSocket", &options.web_socket())?;
    let args = args(options, web_socket.as_ref())?;
    let trace = options.trace();
    if !trace.is_undefined() && !trace.is_function() {
        return Err(wrong("trace", "a function", &trace));
    }
    let user = record([
        ("url", url_function.unwrap_or(JsValue::UNDEFINED)),
        ("initPayload", init_payload.clone()),
        (
            "webSocket",
            web_socket.map_or(JsValue::UNDEFINED, JsValue::from),
        ),
        ("args", args),
        ("trace", trace.clone()),
    ]);
    let host = Host {
        url,
        init_payload: if init_payload.is_function() {
            Source::Function
        } else {
            Source::Value(read_init_payload(&init_payload)?)
        },
        user,
        traced: !trace.is_undefined(),
        read_url: url::read_url,
        read_init_payload,
    };
    Ok((config, host))
}

/// What is handed on to the host's WebSocket: `headers`, `tls` and `connectArgs`, or undefined if there
/// is none of them.
fn args(options: &Options, web_socket: Option<&Function>) -> Result<JsValue, JsValue> {
    let given = [
        ("headers", headers(options.headers())?),
        ("tls", options.tls()),
        ("connectArgs", options.connect_args()),
    ];
    if given.iter().all(|(_, value)| value.is_undefined()) {
        return Ok(JsValue::UNDEFINED);
    }
    let class = match web_socket {
        Some(class) => Some(class.clone()),
        None => host::host_web_socket()?,
    };
    for (name, value) in &given {
        if value.is_undefined() {
            continue;
        }
        if !is_record(value) {
            return Err(wrong(name, "an object", value));
        }
        let why_not = class
            .as_ref()
            .and_then(|class| host::why_not_taken(class, name));
        if let Some(why_not) = why_not {
            return Err(type_error(&["option `", name, "`: ", &why_not]));
        }
    }
    Ok(record(given))
}

/// The option `headers`: an object, or what such an object can be made of (`Headers`, a `Map`).
/// Their values are text, and in no message, as they may be secret.
fn headers(value: JsValue) -> Result<JsValue, JsValue> {
    if !is_record(&value) {
        return Ok(value);
    }
    let is_iterable = Reflect::has(&value, &Symbol::iterator()).unwrap_or(false);
    let headers = if is_iterable {
        Object::from_entries(&value)?
    } else {
        value.unchecked_into()
    };
    for name in Object::keys(&headers).iter() {
        let value = Reflect::get(&headers, &name)?;
        if !value.is_string() {
            let name = name.as_string().unwrap_or_default();
            return Err(type_error(&[
                "option `headers`: `",
                &name,
                "` must be a string, but is ",
                described(&value),
            ]));
        }
    }
    Ok(headers.into())
}

/// The option `subprotocols`: names of dialects, in order of preference.
fn subprotocols(value: &JsValue) -> Result<Vec<Dialect>, JsValue> {
    if value.is_undefined() {
        return Ok(Dialect::ALL.to_vec());
    }
    let names = value.dyn_ref::<Array>();
    let dialects: Option<Vec<_>> = names.and_then(|names| {
        let dialect = |name: JsValue| Dialect::named(&name.as_string()?);
        names.iter().map(dialect).collect()
    });
    match dialects {
        // Hosts refuse a subprotocol that is offered twice.
        Some(dialects) if matches!(&dialects[..], [_]) => Ok(dialects),
        Some(dialects) if matches!(&dialects[..], [one, other] if one != other) => Ok(dialects),
        _ => Err(type_error(&[
            "option `subprotocols` must be an array of one or both of `graphql-transport-ws` and \
             `graphql-ws`, those preferred first",
        ])),
    }
}

/// The payload of `connection_init`: an object, or nothing.
fn read_init_payload(value: &JsValue) -> Result<Option<String>, JsValue> {
    if value.is_undefined() || value.is_null() {
        return Ok(None);
    }
    to_json(value, "option `initPayload`").map(Some)
}

/// A length of time in milliseconds: `null` and `Infinity` are for ever.
fn time(name: &str, value: &JsValue, default: Option<Millis>) -> Result<Option<Millis>, JsValue> {
    if value.is_undefined() {
        return Ok(default);
    }
    if value.is_null() {
        return Ok(None);
    }
    match value.as_f64() {
        Some(f64::INFINITY) => Ok(None),
        // A fraction of a millisecond is no reason to fire early.
        Some(millis) if millis >= 0.0 => Ok(Some(Millis(millis.ceil() as u64))),
        Some(millis) if millis < 0.0 => Err(type_error(&[
            "option `",
            name,
            "` must be milliseconds from 0 up, Infinity or null, but is negative",
        ])),
        _ => Err(wrong(
            name,
            "milliseconds from 0 up, Infinity or null",
            value,
        )),
    }
}

/// A time that cannot be 0: at once, it would end every connection.
fn interval(
    name: &str,
    value: &JsValue,
    default: Option<Millis>,
) -> Result<Option<Millis>, JsValue> {
    let interval = time(name, value, default)?;
    if interval == Some(Millis(0)) {
        return Err(type_error(&[
            "option `",
            name,
            "` must be more than 0 ms; null is for never",
        ]));
    }
    Ok(interval)
}

pub(super) fn flag(name: &str, value: &JsValue, default: bool) -> Result<bool, JsValue> {
    if value.is_undefined() {
        return Ok(default);
    }
    value
        .as_bool()
        .ok_or_else(|| wrong(name, "true or false", value))
}

fn class(name: &str, value: &JsValue) -> Result<Option<Function>, JsValue> {
    if value.is_undefined() {
        return Ok(None);
    }
    match value.dyn_ref::<Function>() {
        // An arrow function has no prototype, and `new` refuses it.
        Some(class) if Reflect::has(class, &"prototype".into()).unwrap_or(false) => {
            Ok(Some(class.clone()))
        }
        _ => Err(wrong(
            name,
            "a WebSocket class, which is a constructor",
            value,
        )),
    }
}

pub(super) fn wrong(name: &str, expected: &str, value: &JsValue) -> JsValue {
    type_error(&[
        "option `",
        name,
        "` must be ",
        expected,
        ", but is ",
        described(value),
    ])
}
