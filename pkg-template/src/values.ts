// What kind of value somebody gave.

/** Whether a value is an object, as JSON has them. */
export const isRecord = (value: unknown): value is { [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether it can be awaited: a promise, of whatever class. */
export const isThenable = (value: unknown): boolean =>
  typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';

/** What kind of value the user passed, with its article. */
export const described = (value: unknown): string => {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  if (isThenable(value)) return 'a promise, which has to be awaited';
  const type = typeof value;
  if (type === 'symbol' || type === 'bigint') return 'a symbol or a bigint';
  return type === 'object' ? 'an object' : `a ${type}`;
};
