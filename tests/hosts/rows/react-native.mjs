// React Native: a sample app as Metro bundles it, in the command line of Hermes.
import { join } from 'node:path';
import { NotTested, command, folderOf, titled, tool } from '../context.mjs';

const expected = [
  'wss://server/graphql?a=b graphql-transport-ws Bearer ß',
  'wss://server/graphql?a=b graphql-transport-ws Bearer ß',
  '9,interrupted,resumed,3,2,1,0',
  'Grüße',
  'true true TransportQueryError the server ended the operation with an error: it breaks',
  '3,2,1,0',
  'closed',
];

/** Apps made by the template have these settings; here nothing of React Native itself is to run first. */
const config = () => `
import { fileURLToPath } from 'node:url';

const root = import.meta.dirname;
const tools = ${JSON.stringify(join(folderOf('metro'), '..'))};
export default {
  projectRoot: root,
  watchFolders: [root, tools],
  maxWorkers: 1,
  cacheStores: [],
  resolver: { nodeModulesPaths: [tools], unstable_conditionNames: ['react-native'] },
  transformer: { babelTransformerPath: fileURLToPath('${tool('@react-native/metro-babel-transformer')}') },
  serializer: { getPolyfills: () => [root + '/react-native-globals.js'], getModulesRunBeforeMainModule: () => [] },
};
`;

const binaries = { linux: 'linux64-bin', darwin: 'osx-bin' }[process.platform];
const binary = (name, file) => {
  if (binaries === undefined) throw new NotTested('there is no Hermes for this platform');
  return name === 'hermes-compiler' ? join(folderOf(name), 'hermesc', binaries, file) : join(folderOf(name), binaries, file);
};

const bundled = async (context) => {
  context.project({
    fixtures: ['react-native.js', 'react-native-globals.js'],
    files: { 'metro.config.mjs': config },
    manifest: { type: undefined },
  });
  const args = ['react-native.js', '--config', 'metro.config.mjs', '--platform', 'ios', '--dev', 'false', '--out', 'main.js'];
  await context.run([...command('metro'), 'build', ...args]);
};

export const rows = [
  {
    name: titled('metro'),
    what: `the condition react-native, in the command line of ${titled('hermes-engine-cli')}`,
    async run(context) {
      await bundled(context);
      const said = await context.run([binary('hermes-engine-cli', 'hermes'), 'main.js']);
      if (said.trim() !== expected.join('\n')) throw new Error(said);
    },
  },
  {
    name: titled('metro'),
    what: `the condition react-native, compiled by ${titled('hermes-compiler')}`,
    async run(context) {
      await bundled(context);
      await context.run([binary('hermes-compiler', 'hermesc'), '-O', '-emit-binary', '-out', 'main.hbc', 'main.js']);
    },
  },
];
