// The `.d.ts` files of the package, rolled up from pkg-template's TypeScript: one flat file for each entry.
import { basename, join } from 'node:path';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';

/** What an entry re-exports or refers to stays in the file of the entry that it comes from. */
const others = { 'public.js': './index.js', 'slim.js': './slim.js' };

/** Writes the `.d.ts` files of these entries into `folder`. */
export const writeDeclarations = async (template, folder, names) => {
  for (const name of names) {
    const bundle = await rollup({
      input: join(template, 'entries', `${name}.ts`),
      // The libraries of the adapters.
      external: /^(?![./#])/,
      onwarn(warning) {
        throw new Error(warning.message);
      },
      plugins: [
        {
          name: 'other entries',
          resolveId(id, importer) {
            if (importer === undefined || name === 'index') return null;
            const other = others[basename(id)];
            return other === undefined ? null : { id: other, external: true };
          },
        },
        dts({ tsconfig: join(template, 'tsconfig.json') }),
      ],
    });
    await bundle.write({ file: join(folder, `${name}.d.ts`) });
    await bundle.close();
  }
};
