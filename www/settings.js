// What the user has filled in: read, kept in the history, and told by a link. Credentials are in neither.
import { appSync, phoenix } from 'wireql';

const MOST = 20;
const KEY = 'wireql history';
const fields = ['url', 'dialect', 'query', 'variables', 'operationName'];

const json = (text, what) => {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TypeError(`${what} are not JSON: ${error.message}`);
  }
};

/** A URL without what may be secret in it. */
const publicUrl = (text) => {
  try {
    const url = new URL(text);
    [url.username, url.password, url.search, url.hash] = ['', '', '', ''];
    return url.href;
  } catch {
    return '';
  }
};

const labels = {
  appsync: 'Authorization, such as {"apiKey": "da2-…"} or {"token": "…"}',
  phoenix: 'Parameters of the socket, such as {"token": "…"}',
  '': 'Payload of connection_init, such as {"token": "…"}',
};

/** Reads and writes the form; `editor` has the document. */
export const makeSettings = (element, editor) => {
  const inputs = { url: element('url'), dialect: element('dialect'), variables: element('variables'), operationName: element('operation-name') };
  const label = () => (element('credentials-label').textContent = labels[element('dialect').value] ?? labels['']);
  element('dialect').addEventListener('input', label);

  /** All but the credentials. */
  const get = () => ({
    ...Object.fromEntries(Object.entries(inputs).map(([name, { value }]) => [name, value])),
    url: publicUrl(inputs.url.value),
    query: editor.text,
  });

  const set = (settings) => {
    for (const [name, input] of Object.entries(inputs)) if (settings[name] !== undefined) input.value = settings[name];
    if (settings.query !== undefined) editor.text = settings.query;
    label();
  };

  const past = () => {
    try {
      return JSON.parse(localStorage.getItem(KEY)) ?? [];
    } catch {
      // It is switched off, or another page's.
      return [];
    }
  };

  const showHistory = () => {
    const [first] = element('history').options;
    element('history').replaceChildren(
      first,
      ...past().map(({ query, url }, at) => new Option(`${query.replace(/\s+/g, ' ').slice(0, 60)} at ${url}`, at)),
    );
  };
  element('history').addEventListener('change', ({ target }) => {
    const chosen = past()[target.value];
    if (chosen !== undefined) set(chosen);
    target.value = '';
  });

  const hash = new URLSearchParams(location.hash.slice(1));
  set(Object.fromEntries(fields.filter((name) => hash.has(name)).map((name) => [name, hash.get(name)])));
  showHistory();

  return {
    /** What the client is made with. */
    client() {
      const credentials = json(element('credentials').value, 'the credentials');
      const dialect = element('dialect').value;
      if (dialect === 'appsync') return { dialect: appSync({ auth: credentials }) };
      if (dialect === 'phoenix') return { dialect: phoenix({ params: credentials ?? {} }) };
      return { ...(credentials && { initPayload: credentials }), ...(dialect && { subprotocols: [dialect] }) };
    },
    /** Changes when another client is needed. */
    key: () => JSON.stringify(['url', 'dialect', 'credentials'].map((id) => element(id).value)),
    operation() {
      const [variables, operationName] = [json(inputs.variables.value, 'the variables'), inputs.operationName.value.trim()];
      return { query: editor.text, ...(variables && { variables }), ...(operationName && { operationName }) };
    },
    remember() {
      const now = get();
      const others = past().filter((one) => JSON.stringify(one) !== JSON.stringify(now));
      try {
        localStorage.setItem(KEY, JSON.stringify([now, ...others].slice(0, MOST)));
      } catch {
        // It is full or switched off: there is no history then.
      }
      showHistory();
    },
    link: () => `${location.origin}${location.pathname}#${new URLSearchParams(Object.entries(get()).filter(([, value]) => value !== ''))}`,
  };
};
