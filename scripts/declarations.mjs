// The `.d.ts` files of the package, rolled up from pkg-template's TypeScript: one flat file for each entry.
import { join } from 'node:path';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';

/** What an entry re-exports stays in the file of the entry that it comes from. */
const others = { './public.js': './index.js', './slim.js': './slim.js' };

/** Writes `index.d.ts` and those of the other entries into `folder`. */
export const writeDeclarations = async (template, folder) => {
  for (const name of ['index', 'slim', 'web', 'js', 'graphql-ws']) {
    const bundle = await rollup({
      input: join(template, 'entries', `${name}.ts`),
      onwarn(warning) {
        throw new Error(warning.message);
      },
      plugins: [
        {
          name: 'other entries',
          resolveId: (id) => (name !== 'index' && id in others ? { id: others[id], external: true } : null),
        },
        dts({ tsconfig: join(template, 'tsconfig.json') }),
      ],
    });
    await bundle.write({ file: join(folder, `${name}.d.ts`) });
    await bundle.close();
  }
};
