// The code on the package's pages, as modules that tests can import.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const read = (name) => readFileSync(new URL(`../../pkg-template/docs/${name}.md`, import.meta.url), 'utf8');
const libraries = read('libraries');
// From here the packages of the tests are found.
const folder = new URL('../node_modules/.recipes/', import.meta.url);
const address = 'ws://127.0.0.1:4000/graphql';

/** The titles that have code below them. */
export const titles = libraries
  .split(/^## /m)
  .slice(1)
  .filter((section) => /^```jsx?$/m.test(section))
  .map((section) => section.split('\n', 1)[0]);

/** The code below a title, for a server. */
export const recipe = (title, url, page = 'libraries') => {
  const section = read(page).split(/^## /m).find((section) => section.startsWith(`${title}\n`));
  const [, code] = /```jsx?\n([^]*?)```/.exec(section);
  if (!code.includes(address)) throw new Error(`the recipe for ${title} has no address to replace`);
  return code.replace(address, url);
};

let count = 0;
/** Writes code as a module, and returns its URL. */
export const written = (code) => {
  mkdirSync(folder, { recursive: true });
  const file = new URL(`${process.pid}-${(count += 1)}.mjs`, folder);
  writeFileSync(file, code);
  return file;
};

export const moduleOf = (...args) => written(recipe(...args));

export const importRecipe = (title, url) => import(moduleOf(title, url).href);
