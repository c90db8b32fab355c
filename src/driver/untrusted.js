// Text of the host's, or of a user's class, made fit for messages and traces.

/** As much as is read of it; less is shown. */
const READ = 4000;
const SHOWN = 300;

/** As `untrusted.rs` has it: controls, and marks of direction, lines and width. */
const HIDDEN = /[\0-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/**
 * Escapes what is not seen as JSON does, so that JSON stays the same JSON.
 *
 * @param {string} text
 */
export const escaped = (text) =>
  text.replace(HIDDEN, (hidden) => `\\u${hidden.charCodeAt(0).toString(16).padStart(4, '0')}`);

/**
 * What the host says, which may repeat the URL: without users, passwords, queries and fragments.
 *
 * @param {string} text
 */
export const hostText = (text) => {
  // A word that was cut in two could not be told for a URL.
  const read = text.length > READ ? text.slice(0, READ).replace(/\S*$/, '…') : text;
  const plain = read
    .replace(/(:\/\/[^\s"'<>?#]*)[?#][^\s"'<>]*/g, '$1')
    .replace(/:\/\/[^\s"'<>/]*@/g, '://')
    // A path with a query, and an authority without a scheme.
    .replace(/\?[^\s"'<>]*=[^\s"'<>]*/g, '')
    .replace(/[^\s"'<>/:@]+:[^\s"'<>/@]*@/g, '');
  return escaped(plain.length > SHOWN ? `${plain.slice(0, SHOWN)}…` : plain);
};
