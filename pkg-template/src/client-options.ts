// The options of a client, and of its operations.

import type { ClientSettings, LastingSettings, RetrySettings, Settings } from '#glue';
import { LastingOperation, type LastingFunctions } from './lasting.js';
import {
  FOR_EVER,
  KNOWN,
  isFunction,
  own,
  ownOptions,
  readCommon,
  readFlag,
  readFunction,
  readTime,
  readUrl,
  wrong,
  type UserOptions,
} from './options.js';
import { toJson } from './json.js';
import { KNOWN as KNOWN_OF_OPERATIONS, read, type OperationRequest } from './request.js';
import type { RetryOptions } from './types.js';
import { described, isRecord } from './values.js';

/** Some servers hang up after 15 s without a client's `ping`. */
const PING_INTERVAL = 12_000;

const KNOWN_OF_CLIENTS = [...KNOWN, 'lazy', 'idleTimeout', 'retry', 'waitTimeout', 'probeTimeout', 'hostEvents'];

const KNOWN_OF_RETRY = ['attempts', 'initialAttempts', 'baseDelay', 'maxDelay', 'minUptime', 'when', 'delay'];

/** The user's functions among the options of `retry`. */
export interface RetryFunctions {
  readonly when: RetryOptions['when'] | undefined;
  readonly delay: RetryOptions['delay'] | undefined;
}

/** For the core, which waits for ever where it has no time. */
const limited = (time: number): number | undefined => (time < FOR_EVER ? time : undefined);

const readCount = (name: string, value: unknown, byDefault: number): number => {
  if (value === undefined) return byDefault;
  if (value === Infinity || (Number.isInteger(value) && (value as number) >= 0)) return value as number;
  const given = typeof value === 'number' ? value : described(value);
  throw new TypeError(`option \`${name}\` must be a whole number from 0 up, or Infinity, but is ${given}`);
};

const readDelay = (name: string, value: unknown, byDefault: number): number => {
  const delay = value === null ? NaN : readTime(name, value, byDefault, 'above 0');
  if (delay < FOR_EVER) return delay;
  throw new TypeError(`option \`${name}\` must be milliseconds above 0, and less than 49 days`);
};

const readRetry = (value: unknown): { settings: RetrySettings | undefined; functions: RetryFunctions } => {
  if (value === false) return { settings: undefined, functions: { when: undefined, delay: undefined } };
  if (value !== undefined && !isRecord(value)) throw wrong('retry', 'an object or false', value);
  const given = ownOptions(value, KNOWN_OF_RETRY, 'retry.');
  const baseDelay = readDelay('retry.baseDelay', given.baseDelay, 1_000);
  const maxDelay = readDelay('retry.maxDelay', given.maxDelay, 30_000);
  if (maxDelay < baseDelay) {
    throw new TypeError(`option \`retry.maxDelay\` (${maxDelay}) must be at least \`retry.baseDelay\` (${baseDelay})`);
  }
  const when = readFunction('retry.when', given.when) as RetryOptions['when'];
  const delay = readFunction('retry.delay', given.delay) as RetryOptions['delay'];
  const settings: RetrySettings = {
    attempts: limited(readCount('retry.attempts', given.attempts, Infinity)),
    initialAttempts: limited(readCount('retry.initialAttempts', given.initialAttempts, 8)),
    baseDelay,
    maxDelay,
    minUptime: limited(readTime('retry.minUptime', given.minUptime, 5_000, 'from 0 up')) ?? FOR_EVER,
    asksVerdict: when !== undefined,
    asksDelay: delay !== undefined,
  };
  return { settings, functions: { when, delay } };
};

export interface ReadClientOptions {
  readonly settings: Settings;
  readonly user: UserOptions;
  readonly retry: RetryFunctions;
  readonly hostEvents: boolean;
}

/** Reads what a client's constructor is given. */
export const readClientOptions = (url: unknown, options: unknown): ReadClientOptions => {
  const source = isFunction(url) ? url : readUrl(url);
  const given = ownOptions(options, KNOWN_OF_CLIENTS);
  const { settings, user } = readCommon(source, given, { pingInterval: PING_INTERVAL });
  const retry = readRetry(given.retry);
  const client: ClientSettings = {
    lazy: readFlag('lazy', given.lazy),
    idleTimeout: limited(readTime('idleTimeout', given.idleTimeout, 3_000, 'from 0 up')),
    waitTimeout: limited(readTime('waitTimeout', given.waitTimeout, 30_000, 'from 0 up')),
    probeTimeout: limited(readTime('probeTimeout', given.probeTimeout, 3_000, 'above 0')),
    renewsCredentials: [user.url, user.initPayload].some(isFunction) || user.dialect?.renews === true,
    seed: Math.random(),
    retry: retry.settings,
  };
  const hostEvents = readFlag('hostEvents', given.hostEvents);
  return { settings: own(settings, { client }), user, retry: retry.functions, hostEvents };
};

// ---- operations -----------------------------------------------------------------------

const KNOWN_OF_CLIENT_OPERATIONS = [...KNOWN_OF_OPERATIONS, 'kind', 'idempotent', 'waitTimeout', 'onNotice', 'resume'];

const KINDS: readonly unknown[] = ['query', 'mutation', 'subscription'];

const readResume = (value: unknown): LastingFunctions['resume'] => {
  if (value === undefined) return undefined;
  if (!isRecord(value)) throw wrong('resume', 'an object', value);
  const given = ownOptions(value, ['cursor', 'variables', 'dedupe'], 'resume.');
  const { cursor, variables } = given;
  if (typeof cursor !== 'function') throw wrong('resume.cursor', 'a function', cursor);
  if (typeof variables !== 'function') throw wrong('resume.variables', 'a function', variables);
  const dedupe = readCount('resume.dedupe', given.dedupe, 0);
  return { cursor, variables, dedupe } as LastingFunctions['resume'];
};

/** Reads a client's operation. */
export const readClientRequest = (user: UserOptions, document: unknown, options: unknown): OperationRequest => {
  const given = ownOptions(options, KNOWN_OF_CLIENT_OPERATIONS);
  const { request, payload } = read(user, document, given);
  const { kind, waitTimeout } = given;
  if (kind !== undefined && !KINDS.includes(kind)) throw wrong('kind', '`query`, `mutation` or `subscription`', kind);
  const onNotice = readFunction('onNotice', given.onNotice) as LastingFunctions['onNotice'];
  const resume = readResume(given.resume);
  // Without them the core has its own defaults, and is spared to ask for each.
  const isPlain = [kind, given.idempotent, onNotice, resume, waitTimeout].every((value) => value === undefined);
  const settings: LastingSettings | undefined = isPlain ? undefined : {
    kind: kind as LastingSettings['kind'],
    idempotent: readFlag('idempotent', given.idempotent, false),
    resumes: resume !== undefined,
    notices: onNotice !== undefined,
    limitsWaiting: waitTimeout !== undefined,
    waitTimeout: limited(readTime('waitTimeout', waitTimeout, Infinity, 'from 0 up')),
  };
  const functions: LastingFunctions = {
    onNotice,
    resume,
    variables: (payload.variables ?? {}) as object,
    merges: request.merges,
    withVariables(variables) {
      if (!isRecord(variables)) throw new TypeError(`it must return an object, but returned ${described(variables)}`);
      return toJson({ ...payload, variables }, 'what it returned', { type: 'subscribe', replacer: user.replacer });
    },
  };
  return { ...request, lasting: (host) => new LastingOperation(host, settings, functions) };
};
