// What tests/page/react.test.mjs shows in a page: components that say what they render, and how often.
import { Activity, Component, StrictMode } from 'react';
import { createRoot, hydrateRoot } from 'react-dom/client';
import { parse } from 'graphql';
import { Client } from 'wireql';
import { ClientProvider, useClient, useClientStatus, useSubscription } from 'wireql/react';

/** What has happened, by the name of a component. */
const told = { renders: {}, results: {}, notices: {} };
const add = (list, name, item) => (list[name] ??= []).push(item);

function Live({ name, document, options }) {
  const { state, data, error } = useSubscription(document, {
    ...options,
    // New objects each time, of the same content.
    variables: options?.variables && { ...options.variables },
    onResult: (result) => add(told.results, name, Object.values(result.data)[0]),
    onNotice: ({ type }) => add(told.notices, name, type),
  });
  const value = data && Object.values(data)[0];
  add(told.renders, name, [state, value]);
  return <p id={name}>{[state, value, error?.code].filter((part) => part !== undefined).join(' ')}</p>;
}

/** With a document that is parsed anew each time. */
function Parsing({ name, text }) {
  return <Live name={name} document={parse(text)} />;
}

function Status() {
  const status = useClientStatus();
  add(told.renders, 'status', status.state);
  return <p id="status">{`${status.state} ${status.failures} ${status.since === 0 ? '' : 'since'}`}</p>;
}

function Asking() {
  const client = useClient();
  return <button onClick={async () => (told.answer = await client.execute('{ hello }'))}>ask</button>;
}

class Boundary extends Component {
  state = {};
  static getDerivedStateFromError(error) {
    return { error };
  }
  render() {
    const { error } = this.state;
    return error ? <p id="caught">{`${error.name}: ${error.message}`}</p> : this.props.children;
  }
}

export const App = ({ client, parts, bare, hidden }) => {
  const all = parts.map(({ kind, key, ...props }) => {
    const Kind = { Live, Parsing, Status, Asking }[kind];
    return <Kind key={key ?? props.name ?? kind} {...props} />;
  });
  const content = <Boundary>{hidden === undefined ? all : <Activity mode={hidden ? 'hidden' : 'visible'}>{all}</Activity>}</Boundary>;
  return <StrictMode>{bare ? content : <ClientProvider client={client}>{content}</ClientProvider>}</StrictMode>;
};

if (typeof document === 'object') {
  let root;
  let client;
  Object.assign(globalThis, {
    told,
    makeClient: (url, options) => (client = new Client(url, options)),
    show(props) {
      root ??= createRoot(document.body.appendChild(document.createElement('main')));
      root.render(<App client={client} {...props} />);
    },
    hydrate(html, props) {
      const main = document.body.appendChild(document.createElement('main'));
      main.innerHTML = html;
      told.recovered = [];
      root = hydrateRoot(main, <App client={client} {...props} />, { onRecoverableError: (error) => told.recovered.push(error.message) });
    },
    unmount: () => root.unmount(),
    /** From now on frames come when they are called for. */
    holdFrames() {
      const waiting = [];
      globalThis.requestAnimationFrame = (callback) => waiting.push(callback);
      globalThis.frame = () => waiting.splice(0).forEach((callback) => callback(performance.now()));
    },
  });
}
