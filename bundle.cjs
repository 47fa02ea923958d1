"use strict";
// Loads a TypeScript program as one bundled, precompiled file: loading a thousand modules one by one takes longer than
// everything else a preview does. Bundles live in node_modules/.cache and are made anew whenever a source changed.
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const { execFileSync } = require("node:child_process");
const Module = require("node:module");
const path = require("node:path");
const vm = require("node:vm");

const ROOT = __dirname;
const CACHE = path.join(ROOT, "node_modules", ".cache", "noetl-ops");

/** Exit code of the bundling process after it has printed what is wrong with the sources. */
const CANNOT_BUNDLE = 3;

/** Changes with every edit of a source, every change of a dependency, and with Node itself. */
function cacheKey(sources) {
  const hash = createHash("sha256").update(process.version);
  const add = (file) => {
    const { mtimeMs, size } = fs.statSync(file);
    hash.update(`${file}\0${mtimeMs}\0${size}\0`);
  };
  const walk = (directory) => {
    for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
      const file = path.join(directory, entry.name);
      if (entry.isDirectory()) walk(file);
      else if (/\.(ts|cjs)$/.test(entry.name)) add(file);
    }
  };
  for (const room of sources) if (fs.existsSync(path.join(ROOT, room))) walk(path.join(ROOT, room));
  for (const file of ["package-lock.json", "bundle.cjs", "index.ts"]) add(path.join(ROOT, file));
  return hash.digest("hex").slice(0, 16);
}

/** Inside the bundle a source still finds the files beside it. */
const ownDirectory = {
  name: "own-directory",
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, (args) => {
      if (args.path.includes("node_modules")) return undefined;
      const text = fs.readFileSync(args.path, "utf8");
      if (!text.includes("__dirname")) return undefined;
      return { contents: `const __dirname = ${JSON.stringify(path.dirname(args.path))};${text}`, loader: "ts" };
    });
  },
};

/**
 * The SDK loads the TypeScript compiler at its start to serialise closures, which nothing here does: half a second.
 */
const noCompiler = {
  name: "no-compiler",
  setup(build) {
    build.onLoad({ filter: /typescript-shim\.js$/ }, () => ({ contents: "module.exports = {};" }));
  },
};

/**
 * Reading a kubeconfig and asking its plugins for credentials loads the classes of every object of Kubernetes, which only
 * clients need that nothing here makes: more than a second. The whole library stays outside.
 */
const noModels = {
  name: "no-models",
  setup(build) {
    build.onResolve({ filter: /^@kubernetes\/client-node$/ }, ({ path: name }) => ({ path: name, external: true }));
    build.onLoad({ filter: /client-node[/\\]dist[/\\]gen[/\\]index\.js$/ }, () => ({
      contents: "export const createConfiguration = undefined, ServerConfiguration = undefined;",
    }));
  },
};

async function bundle(entry, external) {
  const { build } = require("esbuild");
  const result = await build({
    entryPoints: [path.join(ROOT, entry)],
    bundle: true,
    write: false,
    platform: "node",
    target: "node20",
    format: "cjs",
    logLevel: "error",
    plugins: [ownDirectory, noCompiler, noModels],
    // The HTTP server, and the clients of live clusters, of Google and of Pulumi's engine are as large as all else, and few
    // commands need them.
    external: [
      "typescript",
      "ts-node",
      "fastify",
      "google-auth-library",
      "pg",
      "@pulumi/pulumi/automation",
      ...external,
    ],
  });
  return result.outputFiles[0].text;
}

/**
 * In a process of its own, because esbuild works with plugins only while others wait, and a program of Pulumi that
 * fails later than while it is loaded keeps the update waiting for a minute.
 */
function bundleNow(entry, external) {
  const options = { encoding: "latin1", maxBuffer: Infinity, stdio: ["ignore", "pipe", "inherit"] };
  try {
    return execFileSync(process.execPath, [__filename, entry, ...external], options);
  } catch (error) {
    if (error.status !== CANNOT_BUNDLE) throw error;
    const message = `${entry} cannot be bundled, see above. After a pull, dependencies may be missing: npm ci`;
    throw Object.assign(new Error(message), { name: "BundleError" });
  }
}

/** Writes beside and renames, so that a second process never reads half a file; a read-only cache is no error. */
function save(file, content) {
  try {
    fs.mkdirSync(CACHE, { recursive: true });
    const temporary = `${file}.${process.pid}`;
    fs.writeFileSync(temporary, content);
    fs.renameSync(temporary, file);
  } catch {
    return;
  }
}

function read(file) {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined;
  }
}

/** Removes what earlier sources left. */
function forgetOthers(name, key) {
  for (const file of fs.readdirSync(CACHE))
    if (file.startsWith(`${name}-`) && !file.startsWith(key)) fs.rmSync(path.join(CACHE, file), { force: true });
}

/**
 * Loads a program.
 *
 * @param {{ name: string, entry: string, sources: string[], external?: string[] }} program its name in the cache; the
 * file to start with; the folders that it is made of; packages that must not be copied into it
 * @returns what the file exports
 */
function load({ name, entry, sources, external = [] }) {
  const key = `${name}-${cacheKey(sources)}`;
  const file = path.join(CACHE, `${key}.cjs`);
  const compiled = path.join(CACHE, `${key}.v8`);
  let source = read(file)?.toString("latin1");
  if (source === undefined) {
    source = bundleNow(entry, external);
    save(file, source);
    if (fs.existsSync(file)) forgetOthers(name, key);
  }
  const cachedData = read(compiled);
  const script = new vm.Script(Module.wrap(source), {
    filename: file,
    ...(cachedData && { cachedData }),
    importModuleDynamically: vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  if (!cachedData || script.cachedDataRejected) {
    // At the end, because by then every function that a run needs has been compiled.
    process.once("exit", () => save(compiled, script.createCachedData()));
  }
  const module = { exports: {} };
  script.runInThisContext()(module.exports, Module.createRequire(file), module, file, CACHE);
  return module.exports;
}

module.exports = { load };

if (require.main === module) {
  const [entry, ...external] = process.argv.slice(2);
  bundle(entry, external).then(
    (text) => process.stdout.write(text, "latin1"),
    (error) => {
      if (!Array.isArray(error.errors)) throw error;
      process.exitCode = CANNOT_BUNDLE;
    },
  );
}
