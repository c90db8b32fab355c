// The glue of wasm-bindgen with the short names that wasm-opt has given to imports and exports. Their long
// ones, half of each a hash, would be a tenth of the package.

/**
 * `glue`: the text. `names`: what wasm-opt prints of `--minify-imports-and-exports-and-modules`: of each import its
 * module, name and short name; of each export its name and short name.
 */
export const withShortNames = (glue, { imports, exports }) => {
  let text = glue;
  const replace = (pattern, by) => {
    const replaced = text.replace(pattern, by);
    if (replaced === text) throw new Error(`the glue has no ${pattern}: has wasm-bindgen changed?`);
    text = replaced;
  };
  /** Imports that wasm-bindgen hands on as they are; each gets a line among the others. */
  const direct = [];
  for (const [module, name, short] of imports) {
    if (module === './wireql_bg.js') replace(new RegExp(`\\b${name}: function\\(`), `${short}: function(`);
    else direct.push({ module, name, short });
  }
  const modules = [...new Set(direct.map(({ module }) => module))];
  const lines = direct.map(({ module, name, short }) => `${short}: direct${modules.indexOf(module)}.${name},`);
  replace(/const import0 = \{\s*__proto__: null,/, `const import0 = {${lines.join('\n')}`);
  replace(/return \{\s*__proto__: null,[^}]*\};/, 'return { a: import0 };');
  text = text.replace(/^import \* as import\d+ from .*$/gm, '');
  // One that is not used has been removed as well.
  const shortOf = new Map(exports);
  text = text.replace(/\bwasm\.(\w+)/g, (whole, name) => (shortOf.has(name) ? `wasm.${shortOf.get(name)}` : whole));
  const exported = (name) => {
    if (!shortOf.has(name)) throw new Error(`WebAssembly has no ${name}: has wasm-bindgen changed?`);
    return `wasm.${shortOf.get(name)}`;
  };
  // What every host of the package has, and what nobody calls: a handle is freed when it is collected.
  replace(/if \(!\('encodeInto' in cachedTextEncoder\)\) \{[^]*?\n\}\n/, '');
  replace(/\(typeof FinalizationRegistry === 'undefined'\)\s*\? \{[^}]*\}[^}]*\}[^}]*\}\s*: /g, '');
  replace(/    __destroy_into_raw\(\) \{[^]*?\n    free\(\) \{[^]*?\n    \}\n/, '');
  replace(/^if \(Symbol\.dispose\).*$/m, '');
  // A text is passed by the encoder alone: the loop for ASCII gains little, and is long.
  replace(
    /function passStringToWasm0[^]*?\n\}\n/,
    () => `function passStringToWasm0(arg) {
      const bytes = cachedTextEncoder.encode(arg);
      const ptr = ${exported('__wbindgen_malloc')}(bytes.length, 1) >>> 0;
      getUint8ArrayMemory0().set(bytes, ptr);
      WASM_VECTOR_LEN = bytes.length;
      return ptr;
    }\n`,
  );
  replace(/(passStringToWasm0\(\w+), .*?\)/g, '$1)');
  // Only for texts that are returned.
  replace(
    /function getDataViewMemory0[^]*?\n\}\n/,
    () => `function getDataViewMemory0() { return new DataView(${exported('memory')}.buffer); }\n`,
  );
  replace(/let cachedDataViewMemory0.*/, '');
  // It differs in what happens when it is called while it is being called. The timer's is the only one, and it is not.
  replace(/function makeMutClosure[^]*?\n\}\n/, '');
  replace(/makeMutClosure/g, 'makeClosure');
  // There is one way to start it, and the module is compiled already.
  replace(
    /let wasmModule, wasmInstance, wasm;[^]*$/,
    () => `let wasm;
    export const instantiate = (module) => {
      wasm = new WebAssembly.Instance(module, __wbg_get_imports()).exports;
      ${exported('__wbindgen_start')}();
    };\n`,
  );
  // But for those that hand on their `arguments`.
  replace(/: function\((?!\) \{ return handleError)([^)]*)\) \{/g, ': ($1) => {');
  if (/=> \{[^\n]*\barguments\b/.test(text)) throw new Error('a function that uses its `arguments` has become an arrow');
  // The one closure that is called for each message: an array of its arguments would be made each time.
  const FIVE = 'what, attempt, number, value, text';
  replace(
    /(function makeClosure[^]*?)\(\.\.\.args\)([^]*?)\.\.\.args\)/,
    (_, before, between) => `${before}(${FIVE})${between}${FIVE})`,
  );
  // For the net under a panic: WebAssembly is called by timers too.
  replace('setTimeout(arg0, arg1)', 'setTimeout(guarded(arg0), arg1)');
  text += `export const references = () => ${exported('__wbindgen_externrefs')};\n`;
  text += `import { guarded } from '${modules[0].replace(/[^/]*$/, 'panic.js')}';\n`;
  return modules.map((module, place) => `import * as direct${place} from '${module}';\n`).join('') + text;
};
