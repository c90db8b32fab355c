// Lists the public API of the crate, as `cargo doc` shows it: each item, what it is made of, and what it can do. With a
// file as argument it fails if that says something else; with WIREQL_BLESS=1 it writes it.
//
// usage: node scripts/public-api.mjs DOC_FOLDER [LISTING]
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, listing] = process.argv.slice(2);

const entities = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"', '&#39;': "'", '&nbsp;': ' ' };
const text = (html) =>
  html
    .replace(/<(div|br|span class="where)[^>]*>/g, ' ')
    .replace(/<[^>]*>/g, '')
    .replace(/&(lt|gt|amp|quot|nbsp|#39);/g, (entity) => entities[entity])
    .replace(/\s+/g, ' ')
    .trim();

/** What the compiler gives to every type. */
const everywhere = /id="(synthetic|blanket)-implementations/;

/** Undefined for a page that leads to another. */
const item = (html) => {
  const [, declaration] = /<pre class="rust item-decl"><code>([^]*?)<\/code><\/pre>/.exec(html) ?? [];
  if (declaration === undefined) return undefined;
  const own = html.split(everywhere)[0];
  const headers = [...own.matchAll(/<h[34] class="code-header">([^]*?)<\/h[34]>/g)].map(([, header]) => text(header));
  // The methods of a trait are the trait's. Variants stand in the declaration.
  let ofTrait = false;
  const lines = [];
  for (const header of headers) {
    if (header.startsWith('impl')) {
      ofTrait = / for /.test(header);
      if (ofTrait && !header.includes('StructuralPartialEq')) lines.push(`  ${header}`);
    } else if (!ofTrait && header.startsWith('pub ')) lines.push(`  ${header}`);
  }
  return [text(declaration).replace(/\](?=pub )/, '] '), ...lines].join('\n');
};

const pages = readdirSync(folder, { recursive: true })
  .filter((name) => /(^|\/)(struct|enum|trait|fn|type|constant|macro|union|static)\.\w+\.html$/.test(name))
  .sort();
const items = pages.map((name) => item(readFileSync(join(folder, name), 'utf8')));
const made = `${items.filter(Boolean).join('\n\n')}\n`;

if (listing === undefined) process.stdout.write(made);
else if (process.env.WIREQL_BLESS) writeFileSync(listing, made);
else if (readFileSync(listing, 'utf8') !== made) {
  process.stdout.write(made);
  console.error(`${listing} says something else. Is it a change of the public API? WIREQL_BLESS=1 writes it.`);
  process.exit(1);
}
