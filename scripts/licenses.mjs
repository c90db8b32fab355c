// The notices of what the package contains of others: most licenses ask that they go with every copy.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** As cargo-bundle-licenses has the text of a crate whose archive lacks it. */
const NOT_FOUND = 'NOT FOUND';

/** The npm packages that the command contains: all that the folder of its server has. */
const packagesOf = (folder) =>
  Object.keys(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).dependencies).map((name) => {
    const of = join(folder, 'node_modules', name);
    const file = readdirSync(of).find((file) => /^licen[sc]e/i.test(file));
    if (file === undefined) throw new Error(`the package ${name} has no text of its license`);
    const { version } = JSON.parse(readFileSync(join(of, 'package.json'), 'utf8'));
    return `${name} ${version}\n\n${readFileSync(join(of, file), 'utf8').trim()}\n`;
  });

/**
 * @param {string} root The folder of Cargo.toml.
 * @param {string} server That of the server which the command contains.
 */
export const thirdPartyLicenses = (root, server) => {
  const cargo = (...args) => execFileSync('cargo', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  // Those that run while compiling are not in what is compiled.
  const edges = ['--edges', 'normal,no-proc-macro', '--target', 'wasm32-unknown-unknown', '--prefix', 'none'];
  const compiled = new Set(cargo('tree', '--locked', ...edges, '--format', '{p}').split('\n').map((line) => line.split(' ')[0]));
  const { packages } = JSON.parse(cargo('metadata', '--format-version=1', '--locked'));
  const { third_party_libraries } = JSON.parse(cargo('bundle-licenses', '--format', 'json', '--prefer', 'MIT'));

  const [, terms] = readFileSync(join(root, 'LICENSE-MIT'), 'utf8').split(/(?=Permission is hereby granted)/);
  const textOf = ({ package_name, package_version }, { license, text }) => {
    if (text !== NOT_FOUND) return text.trim();
    const { authors } = packages.find(({ name, version }) => name === package_name && version === package_version);
    if (license !== 'MIT' || authors.length === 0) throw new Error(`${package_name} has no text of its license ${license}`);
    return `Copyright (c) ${authors.join(', ')}\n\n${terms.trim()}`;
  };

  // Many have the same text, and it need not come twice.
  const crates = new Map();
  for (const library of third_party_libraries) {
    if (!compiled.has(library.package_name)) continue;
    const text = library.licenses.map((license) => textOf(library, license)).join('\n\n');
    crates.set(text, [...(crates.get(text) ?? []), `${library.package_name} ${library.package_version}`]);
  }
  if (crates.size === 0) throw new Error('no crate is compiled in: that cannot be');
  const notices = [...crates].map(([text, names]) => `${names.join(', ')}\n\n${text}\n`);
  const between = `\n${'-'.repeat(80)}\n\n`;
  const ofCommand = `The command \`wireql\` (cli.cjs) contains code of these npm packages.\n\n${packagesOf(server).join(between)}`;
  return `WebAssembly in this package contains code of these crates, and of the Rust standard library (MIT OR Apache-2.0).\n\n${notices.join(between)}${between}${ofCommand}`;
};
