// What a document has in it, for tools that need to know no more: its operations, found without a parser.

/** One operation of a document. */
export interface Outline {
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly name: string | undefined;
  /** The first field that it selects, by the name that it has in the schema. */
  readonly field: string | undefined;
}

/** Texts and comments are matched so that what stands in them is not. */
const tokens = /"""(?:\\"""|[^])*?"""|"(?:\\.|[^"\\\n])*"|#[^\n\r]*|\.\.\.|@?[_A-Za-z]\w*|[{}():]/g;
const isName = (token: string | undefined): token is string => token !== undefined && /^[_A-Za-z]/.test(token);
/** What a spread is of, or on, is no field. */
const isOfSpread = (found: readonly string[], at: number): boolean =>
  found[at - 1] === '...' || (found[at - 1] === 'on' && found[at - 2] === '...');
const isKind = (token: string): token is Outline['kind'] => ['query', 'mutation', 'subscription'].includes(token);

/** The operations of a document, in their order. What is no document has none, or wrong ones: the server will tell. */
export const outlinesOf = (document: string): Outline[] => {
  const outlines: Outline[] = [];
  const found = (document.match(tokens) ?? []).filter((token) => !/^["#]/.test(token));
  let [braces, parentheses] = [0, 0];
  /** The definition that these tokens are of. */
  let current: { kind?: Outline['kind']; name?: string | undefined; field?: string } | undefined;
  found.forEach((token, at) => {
    if (token === '(') parentheses += 1;
    else if (token === ')') parentheses -= 1;
    if (parentheses > 0 || token === '(' || token === ')') return;
    const next = found[at + 1];
    if (current === undefined) {
      if (isKind(token)) current = { kind: token, name: isName(next) ? next : undefined };
      // A query without its keyword; or a fragment.
      else current = token === '{' ? { kind: 'query' } : {};
    }
    if (token === '{') braces += 1;
    else if (token === '}') {
      braces -= 1;
      if (braces > 0) return;
      const { kind, name, field } = current;
      if (kind !== undefined) outlines.push({ kind, name, field });
      current = undefined;
    } else if (braces === 1 && isName(token) && !isOfSpread(found, at)) {
      // An alias is not the field's name.
      if (next !== ':') current.field ??= token;
    }
  });
  return outlines;
};
