// The links of the documentation: in the repository, and in the package as it is installed.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const installed = join(root, 'tests', 'node_modules', 'wireql');

const pagesIn = (folder, ...paths) =>
  paths.flatMap((path) => (path.endsWith('.md') ? [join(folder, path)] : readdirSync(join(folder, path)).map((file) => join(folder, path, file))));

/** What is in code is no link, and no heading. */
const prose = (file) => readFileSync(file, 'utf8').replace(/^```[^]*?^```/gm, '');

/** As GitHub and npm name headings. */
const anchors = (file) =>
  [...prose(file).matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'),
  );

const broken = (file) =>
  [...prose(file).replace(/`[^`\n]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link]) => {
    if (/^https?:/.test(link)) return [];
    const [path, anchor] = link.split('#');
    const target = path === '' ? file : resolve(dirname(file), path);
    if (!existsSync(target)) return [`${link}: there is no such file`];
    return anchor === undefined || anchors(target).includes(anchor) ? [] : [`${link}: there is no such heading`];
  });

for (const [where, pages] of Object.entries({
  'the repository': pagesIn(root, 'README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'pkg-template/docs'),
  'the installed package': pagesIn(installed, 'README.md', 'CHANGELOG.md', 'docs'),
})) {
  test(`every link in ${where} leads somewhere`, () => {
    assert.ok(pages.length >= 8);
    const all = pages.flatMap((page) => broken(page).map((what) => `${page.slice(root.length)}: ${what}`));
    assert.deepEqual(all, []);
  });
}

test('the installed package refers to nothing above itself', () => {
  for (const page of pagesIn(installed, 'README.md', 'docs')) {
    for (const [, link] of prose(page).matchAll(/\]\(([^)\s#]+)/g)) {
      if (!/^https?:/.test(link)) assert.ok(resolve(dirname(page), link).startsWith(installed), `${page}: ${link}`);
    }
  }
});
