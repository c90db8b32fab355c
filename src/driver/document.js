// What kind of operation a GraphQL document asks for, found without parsing all of it.

/** The numbers of the kinds, as `operations.rs` has them. */
const QUERY = 0;
const KEYWORDS = ['query', 'mutation', 'subscription'];
const LIVE_QUERY = 3;
const UNKNOWN = 4;

/**
 * Strings and comments, which are passed over; names, brackets and `@`. Numbers and other punctuation are not
 * found at all. GraphQL specification, section 2.1.
 */
const TOKEN = /"""(?:\\"""|[^])*?(?:"""|$)|"(?:\\[^]|[^"\\])*"?|#.*|([a-z_]\w*|[{}()[\]@])/gi;

/** The tokens of a text, one by one; undefined at its end. */
const reader = (text) => {
  let at = 0;
  const next = () => {
    for (;;) {
      TOKEN.lastIndex = at;
      const found = TOKEN.exec(text);
      if (found === null) return undefined;
      at = TOKEN.lastIndex;
      if (found[1] !== undefined) return found[1];
    }
  };
  const peek = () => {
    const before = at;
    const token = next();
    at = before;
    return token;
  };
  return { next, peek };
};

const opens = (token) => '{(['.includes(token);
const closes = (token) => '})]'.includes(token);

/** Whether the directive `@live` stands between here and the selection set. */
const isLive = ({ next }) => {
  let depth = 0;
  for (let before, token = next(); token !== undefined; before = token, token = next()) {
    if (opens(token)) {
      if (depth === 0 && token === '{') return false;
      depth += 1;
    } else if (closes(token)) depth -= 1;
    else if (depth === 0 && before === '@' && token === 'live') return true;
  }
  return false;
};

/** The kind of the operation that a server picks: the one called `operationName`, or the only one. */
export const operationType = (text, operationName) => {
  const tokens = reader(text);
  /** Of the definition that it is in. */
  let kind;
  let depth = 0;
  for (let token = tokens.next(); token !== undefined; token = tokens.next()) {
    if (opens(token)) {
      if (depth === 0 && token === '{' && kind === undefined) {
        // The short form `{ field }` is a query without a name.
        if (operationName === undefined) return QUERY;
        kind = QUERY;
      }
      depth += 1;
    } else if (closes(token)) {
      depth = Math.max(0, depth - 1);
      if (depth === 0 && token === '}') kind = undefined;
    } else if (token !== '@' && depth === 0 && kind === undefined) {
      kind = KEYWORDS.indexOf(token);
      if (kind >= 0 && (operationName === undefined || tokens.peek() === operationName)) {
        return kind === QUERY && isLive(tokens) ? LIVE_QUERY : kind;
      }
    }
  }
  return UNKNOWN;
};
