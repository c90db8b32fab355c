//! What proves to AppSync who asks, and where its socket is.

use std::future::Future;
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use js_sys::{JSON, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Url;

use super::dialect::{Answer, Handshake};

/// The dialect of AWS AppSync's real-time endpoint, for [`Options::app_sync`](crate::Options::app_sync): what
/// authorises the handshake and each operation. It has subscriptions only: queries and mutations go over HTTP.
///
/// The URL is that of the GraphQL endpoint; that of the socket follows from it, on AWS's domains and on custom ones.
#[derive(Clone)]
pub struct AppSync {
    sign: Rc<dyn Fn(SignRequest) -> Answer<Headers>>,
    carrier: Carrier,
    /// Whether the next attempt may have other credentials than the last.
    pub(super) renews: bool,
}

/// What carries the authorisation of the handshake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Carrier {
    /// A second subprotocol.
    #[default]
    Subprotocol,
    /// The URL's query, where access logs show it. Simulators and older servers may know this alone.
    Query,
}

/// What a function of yours is asked to sign: a `POST` of the body to the URL.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SignRequest {
    /// Whether it is for the handshake, and not for an operation.
    pub is_connect: bool,
    /// The GraphQL endpoint, with `/connect` behind it for the handshake; without a query.
    pub url: String,
    /// Its host, with a port if there is one. It is added to the headers unless it is there.
    pub host: String,
    /// `{}`, or the request as it is sent.
    pub body: String,
}

/// Headers by name, such as `("x-api-key", key)`.
pub type Headers = Vec<(String, String)>;

impl AppSync {
    /// An API key.
    pub fn api_key(key: impl Into<String>) -> Self {
        let key = key.into();
        let mut dialect = Self::sign(move |_| {
            let headers = vec![("x-api-key".to_owned(), key.clone())];
            async move { Ok(headers) }
        });
        dialect.renews = false;
        dialect
    }

    /// The token of a Cognito user pool or of OpenID Connect, without `Bearer`, or one for a Lambda authorizer. Asked
    /// for each attempt to connect and for each operation, when it is sent. What it fails with is the `cause` of the
    /// error.
    pub fn token<F>(ask: impl Fn() -> F + 'static) -> Self
    where
        F: Future<Output = Result<String, JsValue>> + 'static,
    {
        Self::sign(move |_| {
            let token = ask();
            async move { Ok(vec![("Authorization".to_owned(), token.await?)]) }
        })
    }

    /// A function that signs, for IAM: asked as [`token`](Self::token) is.
    pub fn sign<F>(sign: impl Fn(SignRequest) -> F + 'static) -> Self
    where
        F: Future<Output = Result<Headers, JsValue>> + 'static,
    {
        AppSync {
            sign: Rc::new(move |request| Box::pin(sign(request))),
            carrier: Carrier::default(),
            renews: true,
        }
    }

    /// What carries the authorisation of the handshake. Default: a subprotocol.
    pub fn carrier(mut self, carrier: Carrier) -> Self {
        self.carrier = carrier;
        self
    }

    pub(super) async fn handshake(self, url: String) -> Result<Handshake, JsValue> {
        let endpoint = endpoint_of(&url)?;
        let path = format!("{}/connect", endpoint.pathname().trim_end_matches('/'));
        let object = self
            .authorise(&endpoint, true, path, "{}".to_owned())
            .await?;
        let header = String::from(JSON::stringify(&object)?);
        let socket = socket_of(&endpoint)?;
        let mut subprotocols = vec!["graphql-ws".to_owned()];
        match self.carrier {
            Carrier::Subprotocol => {
                subprotocols.push(format!("header-{}", URL_SAFE_NO_PAD.encode(header)));
            }
            Carrier::Query => {
                let query = socket.search_params();
                query.set("header", &STANDARD.encode(header));
                query.set("payload", &STANDARD.encode("{}"));
            }
        }
        Ok(Handshake {
            url: socket.href(),
            subprotocols,
        })
    }

    /// The payload of a `start`. `request`: JSON text.
    pub(super) async fn start(self, url: String, request: JsValue) -> Result<JsValue, JsValue> {
        let endpoint = endpoint_of(&url)?;
        let body = request.as_string().unwrap_or_default();
        let object = self
            .authorise(&endpoint, false, endpoint.pathname(), body)
            .await?;
        let (payload, extensions) = (Object::new(), Object::new());
        Reflect::set(&extensions, &"authorization".into(), &object)?;
        Reflect::set(&payload, &"data".into(), &request)?;
        Reflect::set(&payload, &"extensions".into(), &extensions)?;
        Ok(JSON::stringify(&payload)?.into())
    }

    async fn authorise(
        &self,
        endpoint: &Url,
        is_connect: bool,
        path: String,
        body: String,
    ) -> Result<Object, JsValue> {
        let host = endpoint.host();
        let url = endpoint.origin() + &path;
        let request = SignRequest {
            is_connect,
            url,
            host: host.clone(),
            body,
        };
        let headers = (self.sign)(request).await?;
        let object = Object::new();
        if !headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("host"))
        {
            Reflect::set(&object, &"host".into(), &host.into())?;
        }
        for (name, value) in headers {
            Reflect::set(&object, &name.into(), &value.into())?;
        }
        Ok(object)
    }
}

const API: &str = ".appsync-api.";
const REALTIME: &str = ".appsync-realtime-api.";

/// The GraphQL endpoint that is meant by a WebSocket URL, which may also be that of its socket.
fn endpoint_of(url: &str) -> Result<Url, JsValue> {
    let url = Url::new(&url.replacen("ws", "http", 1))?;
    url.set_hostname(&url.hostname().replace(REALTIME, API));
    let path = url.pathname();
    let path = path.trim_end_matches('/');
    url.set_pathname(path.strip_suffix("/realtime").unwrap_or(path));
    Ok(url)
}

/// Where its socket is. A custom domain has one host for both; so has a VPC, where the header `Host` tells them apart.
fn socket_of(endpoint: &Url) -> Result<Url, JsValue> {
    let url = Url::new(&endpoint.href().replacen("http", "ws", 1))?;
    let host = url.hostname();
    if !host.contains(API) {
        url.set_pathname(&format!(
            "{}/realtime",
            url.pathname().trim_end_matches('/')
        ));
    } else if !host.contains(".vpce.") {
        url.set_hostname(&host.replace(API, REALTIME));
    }
    Ok(url.unchecked_into())
}
