/**
 * A WebSocket URL for the text of a URL, as users write it: `http(s)` becomes `ws(s)`, and the fragment,
 * which no WebSocket URL may have, goes. What it throws does not repeat the text, as a password may
 * stand in it.
 *
 * @param {string} text
 * @returns {string}
 */
export const websocketUrl = (text) => {
  let url;
  try {
    url = new URL(text);
  } catch {
    throw new TypeError('the url is not a valid URL: expected one like `wss://example.com/graphql`');
  }
  const { protocol } = url;
  const scheme = protocol.replace('http', 'ws');
  if (!/^wss?:$/.test(scheme)) {
    throw new TypeError(
      `the url's scheme must be ws, wss, http or https, but is ${protocol.slice(0, -1)}: ` +
        'expected a url like `wss://example.com/graphql`',
    );
  }
  url.hash = '';
  // Setting `protocol` would do, were it not that `URL` refuses to go from http to ws.
  return scheme + url.href.slice(protocol.length);
};
