//! Typed operations of other crates, as requests.

#[cfg(feature = "cynic")]
use serde::Serialize;

use super::request::Request;

#[cfg(feature = "graphql-client")]
impl<T> Request<T> {
    /// An operation of the crate `graphql_client`, whose `ResponseData` the results have. With the feature
    /// `graphql-client`.
    ///
    /// ```ignore
    /// client.subscribe(Request::of::<Countdown>(countdown::Variables { from: 3 }))
    /// ```
    pub fn of<Q>(variables: Q::Variables) -> Self
    where
        Q: graphql_client::GraphQLQuery<ResponseData = T>,
    {
        let body = Q::build_query(variables);
        Request::new(body.query)
            .operation_name(body.operation_name)
            .variables(&body.variables)
    }
}

/// A query or a mutation of the crate `cynic`. With the feature `cynic`.
#[cfg(feature = "cynic")]
impl<T, V: Serialize> From<cynic::Operation<T, V>> for Request<T> {
    fn from(operation: cynic::Operation<T, V>) -> Self {
        typed(
            &operation.query,
            operation.operation_name.as_deref(),
            &operation.variables,
        )
    }
}

/// A subscription of the crate `cynic`. With the feature `cynic`.
#[cfg(feature = "cynic")]
impl<T, V: Serialize> From<cynic::StreamingOperation<T, V>> for Request<T> {
    fn from(operation: cynic::StreamingOperation<T, V>) -> Self {
        typed(
            operation.query(),
            operation.operation_name(),
            operation.variables(),
        )
    }
}

#[cfg(feature = "cynic")]
fn typed<T>(query: &str, name: Option<&str>, variables: &impl Serialize) -> Request<T> {
    let request = Request::new(query).variables(variables);
    match name {
        Some(name) => request.operation_name(name),
        None => request,
    }
}
