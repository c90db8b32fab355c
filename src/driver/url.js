/**
 * Whether the host's class is the standard's. React Native's puts a slash behind every URL, and cannot be set. Asked late,
 * as a polyfill may be loaded later.
 */
const hasUrl = () => {
  const text = 'ws://host/path?query';
  try {
    return new URL(text).href === text;
  } catch {
    return false;
  }
};

/**
 * As much of a URL as is needed here.
 *
 * @param {string} text
 */
const parsed = (text) => {
  if (hasUrl()) return new URL(text);
  const [, protocol, rest] = /^\s*([a-z][a-z\d+.-]*:)(\/\/[^\s/?#][^\s#]*)(#\S*)?\s*$/i.exec(text) ?? [];
  if (protocol === undefined || rest === undefined) throw new TypeError();
  return { protocol: protocol.toLowerCase(), href: protocol + rest, hash: '' };
};

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
    url = parsed(text);
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
