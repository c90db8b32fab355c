// What happens on a connection as lines of a transcript, for the option `trace`. `tests/trace/mod.rs` writes
// them in the same way: a user's log is a test.

import { call } from './callbacks.js';

/** Stands in a trace for what may be secret. */
export const redacted = '{"redacted":true}';

const INIT = '{"type":"connection_init","payload":';

/** A URL without user, password, query and fragment; the core has the same. */
export const withoutSecrets = (url) => url.replace(/[?#].*$/s, '').replace(/(:\/\/)[^/]*@/, '$1');

/** `what`: a text, or a frame. Behind it stands the error, if there is one. */
export const trace = (host, mark, what, error) => {
  const { user, made } = host;
  if (user.trace === undefined) return;
  let text = typeof what === 'string' ? what : JSON.stringify(what);
  if (mark === '>' && text.startsWith(INIT)) text = `${INIT}${redacted}}`;
  if (error !== undefined) text += ` ${told(error)}`;
  const at = String(Math.floor(performance.now()) - Math.floor(made)).padEnd(6);
  // One line it must stay.
  call(user.trace, `at ${at} ${mark} ${text.trimEnd().replace(/\p{Cc}/gu, ' ')}`);
};

const told = ({ code, ends, message, closeCode, reason, wasClean, option, timeout }) => {
  let detail = '';
  if (closeCode !== undefined) detail = ` [${closeCode}${wasClean ? '' : ' unclean'}${reason && ` ${reason}`}]`;
  if (option !== undefined) detail = ` [${option} ${timeout}]`;
  return `${code} ends ${ends}: ${message}${detail}`;
};

/** The options that are times, in the order in which the core has them. */
export const TIMES = ['connectTimeout', 'ackTimeout', 'closeTimeout', 'keepAliveTimeout', 'pingInterval', 'pongTimeout'];

/** The options as the first line tells them; what the functions give comes later. */
export const optionsLine = (subprotocols, times, answerPings) => {
  const told = TIMES.map((name, n) => `${name}=${Number.isFinite(times[n]) ? times[n] : null}`);
  return `options url=function initPayload=function subprotocols=${subprotocols} ${told.join(' ')} answerPings=${answerPings}`;
};
