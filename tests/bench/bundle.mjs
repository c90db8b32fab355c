// Bundles and minifies a program for a page, as an application would be.
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The bundle's text. `client` names the file in `clients/` that the program imports as `client`, if it does. */
export const bundle = async (program, client) => {
  const { outputFiles } = await build({
    entryPoints: [here(`programs/${program}`)],
    alias: client ? { client: here(`clients/${client}`) } : {},
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['production'],
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  return outputFiles[0].text;
};
