// Takes out of a WebAssembly file of wasm-bindgen's what nobody can call, and wasm-opt cannot know it:
//
// - from the table of functions those that let JavaScript call closures, of every kind that js-sys knows, as those
//   that are used are exported as well; and the wakers of futures, since the package has none;
// - exports that the glue does not use.
//
//   node scripts/unreferenced.mjs FILE GLUE     (the first with its name section)
import { readFileSync, writeFileSync } from 'node:fs';
import { CUSTOM, ELEMENTS, EXPORTS, leb128, moduleOf, reader, sectionsOf } from './wasm.mjs';

const UNCALLED = [
  /wasm_bindgen(\[\w+\])?::convert::closures::_::invoke/,
  /js_sys(\[\w+\])?::futures::jspi::task_waker::/,
];

const [, , path, gluePath] = process.argv;
const sections = sectionsOf(readFileSync(path));
const glue = readFileSync(gluePath, 'utf8');
/** Where texts are passed by the encoder alone, `glue.mjs` leaves no use of `realloc`. */
const isUsed = (name) => name === 'memory' || (name !== '__wbindgen_realloc' && glue.includes(`wasm.${name}`));

/** The functions with their names, of the section `name`. */
const namesOf = (body) => {
  const custom = reader(body);
  if (custom.text() !== 'name') return [];
  while (!custom.isAtEnd()) {
    const kind = custom.number();
    const names = reader(custom.take(custom.number()));
    if (kind === 1) return names.all(() => ({ index: names.number(), name: names.text() }));
  }
  return [];
};

const names = sections.filter(({ id }) => id === CUSTOM).flatMap(({ body }) => namesOf(body));
const uncalled = UNCALLED.map((pattern) => names.filter(({ name }) => pattern.test(name)).map(({ index }) => index));
if (uncalled.some(({ length }) => length === 0)) {
  throw new Error(`${path} lacks functions of names that are to go: has wasm-bindgen changed?`);
}
const calls = new Set(uncalled.flat());

/** The table's section, with another of its functions in the place of each. */
const table = (body) => {
  const elements = reader(body);
  const count = elements.number();
  const flags = elements.number();
  if (count !== 1 || flags !== 0) throw new Error('expected one table that is filled with functions');
  // i32.const N end
  const [constant] = elements.take(1);
  const offset = elements.number();
  const [end] = elements.take(1);
  const functions = elements.all(elements.number);
  if (!elements.isAtEnd()) throw new Error('expected nothing behind the table');
  const other = functions.find((index) => !calls.has(index));
  const left = functions.flatMap((index) => leb128(calls.has(index) ? other : index));
  return Buffer.from([count, flags, constant, ...leb128(offset), end, ...leb128(functions.length), ...left]);
};

/** The exports' section, with those that are used. */
const exported = (body) => {
  const exports = reader(body);
  const all = exports.all(() => ({ name: exports.text(), kind: exports.number(), index: exports.number() }));
  const used = all.filter(({ name }) => isUsed(name));
  const text = (name) => [...leb128(Buffer.byteLength(name)), ...Buffer.from(name)];
  return Buffer.from([...leb128(used.length), ...used.flatMap(({ name, kind, index }) => [...text(name), kind, ...leb128(index)])]);
};

const less = { [EXPORTS]: exported, [ELEMENTS]: table };
writeFileSync(path, moduleOf(sections.map(({ id, body }) => ({ id, body: less[id]?.(body) ?? body }))));
