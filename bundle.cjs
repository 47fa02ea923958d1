"use strict";
// Loads a TypeScript program as two precompiled files, its own code and the packages that it uses: loading a thousand
// modules one by one takes longer than everything else a preview does. They live in node_modules/.cache. A program is
// bundled anew, in a fifth of a second, whenever a source of it changed; packages, which take ten times as long, when
// others are installed. Programs that use the same installed packages share them: so do those of other revisions.
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const { execFileSync } = require("node:child_process");
const Module = require("node:module");
const path = require("node:path");
const vm = require("node:vm");

const ROOT = __dirname;
/** Where packages are installed; a program of another revision borrows them by links. */
const MODULES = path.dirname(path.dirname(require.resolve("esbuild/package.json")));
const inCache = (modules) => path.join(modules, ".cache", "noetl-ops");
const CACHE = inCache(path.join(ROOT, "node_modules"));
const PACKAGES_CACHE = inCache(MODULES);

/** Bundles of packages that are kept: those of the command line, of Pulumi's program and of the policy pack, each twice. */
const PACKAGES_KEPT = 6;

/** Exit code of the bundling process after it has printed what is wrong with the sources. */
const CANNOT_BUNDLE = 3;

/**
 * Packages that are loaded as they are. The HTTP server, and the clients of live clusters, of Google and of Pulumi's
 * engine are as large as all else, and few commands need them.
 */
const OUTSIDE = [
  "typescript",
  "ts-node",
  "fastify",
  "dockerode",
  "google-auth-library",
  "pg",
  "@pulumi/pulumi/automation",
];
/** The whole library, too; a file of it may be bundled. */
const CLIENT = "@kubernetes/client-node";

/** Changes with every edit of a source, and with Node itself. */
function sourcesKey(sources) {
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
  for (const file of ["bundle.cjs", "index.ts"]) add(path.join(ROOT, file));
  return shortHash(hash);
}

/** Changes with what is installed, as npm notes it, with what stays outside, with this file, and with Node itself. */
function packagesKey(external) {
  const hash = createHash("sha256").update(process.version).update(external.join());
  const installed = read(path.join(MODULES, ".package-lock.json")) ?? read(path.join(ROOT, "package-lock.json"));
  for (const content of [installed ?? "", fs.readFileSync(__filename)]) hash.update(content);
  return shortHash(hash);
}

function shortHash(hash) {
  return hash.digest("hex").slice(0, 16);
}

/** Inside the bundle a source still finds the files beside it. */
const ownDirectory = {
  name: "own-directory",
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, (args) => {
      const text = fs.readFileSync(args.path, "utf8");
      if (!text.includes("__dirname")) return undefined;
      return { contents: `const __dirname = ${JSON.stringify(path.dirname(args.path))};${text}`, loader: "ts" };
    });
  },
};

/**
 * Parts of packages that are loaded for what nothing here does. The SDK serialises closures, with the TypeScript compiler
 * and the code of npm: most of its start. Reading a kubeconfig and asking its plugins for credentials loads the classes of
 * every object of Kubernetes: more than a second.
 */
const UNUSED = [
  [/typescript-shim\.js$/, "module.exports = {};"],
  [/runtime[/\\]closure[/\\]codePaths\.js$/, "exports.computeCodePaths = undefined;"],
  [
    /client-node[/\\]dist[/\\]gen[/\\]index\.js$/,
    "export const createConfiguration = undefined, ServerConfiguration = undefined;",
  ],
];

const withoutUnused = {
  name: "without-unused",
  setup(build) {
    for (const [filter, contents] of UNUSED) build.onLoad({ filter }, () => ({ contents }));
  },
};

const FORMAT = { bundle: true, write: false, platform: "node", target: "node20", format: "cjs", logLevel: "error" };

/** @returns the code of a program, after a line that lists the packages that it uses */
async function bundleProgram(entry) {
  const { build } = require("esbuild");
  const result = await build({
    ...FORMAT,
    entryPoints: [path.join(ROOT, entry)],
    absWorkingDir: ROOT,
    packages: "external",
    // Code that V8 has cached cannot `import()`.
    supported: { "dynamic-import": false },
    metafile: true,
    plugins: [ownDirectory],
  });
  const imports = Object.values(result.metafile.outputs).flatMap((output) => output.imports);
  const used = new Set(imports.map((one) => one.path).filter((name) => !Module.isBuiltin(name)));
  return withList([...used].sort(), result.outputFiles[0].text);
}

/** @returns the code of packages, after a line that lists them; it exports functions that load them, by their names */
async function bundlePackages(names, external) {
  const { build } = require("esbuild");
  const loads = names.map((name) => `${JSON.stringify(name)}: () => require(${JSON.stringify(name)}),\n`);
  const result = await build({
    ...FORMAT,
    stdin: { contents: `module.exports = {\n${loads.join("")}};`, resolveDir: path.dirname(MODULES) },
    absWorkingDir: MODULES,
    external,
    plugins: [withoutUnused],
  });
  return withList(names, result.outputFiles[0].text);
}

function withList(names, code) {
  return `//${JSON.stringify(names)}\n${code}`;
}

function listOf(source) {
  return JSON.parse(source.slice(2, source.indexOf("\n")));
}

/**
 * In a process of its own, because esbuild works with plugins only while others wait, and a program of Pulumi that
 * fails later than while it is loaded keeps the update waiting for a minute.
 */
function bundleNow(entry, job) {
  const options = {
    encoding: "latin1",
    maxBuffer: Infinity,
    stdio: ["pipe", "pipe", "inherit"],
    input: JSON.stringify(job),
  };
  try {
    return execFileSync(process.execPath, [__filename], options);
  } catch (error) {
    if (error.status !== CANNOT_BUNDLE) throw error;
    const message = `${entry} cannot be bundled, see above. After a pull, dependencies may be missing: npm ci`;
    throw Object.assign(new Error(message), { name: "BundleError" });
  }
}

/**
 * Writes beside and renames, so that a second process never reads half a file; a read-only cache is no error.
 *
 * @returns whether it could be written
 */
function save(file, content) {
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const temporary = `${file}.${process.pid}`;
    fs.writeFileSync(temporary, content);
    fs.renameSync(temporary, file);
    return true;
  } catch {
    return false;
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

/** Removes packages that nobody has bundled for long, and what was compiled of fewer packages than there are now. */
function forgetPackages(made) {
  const files = fs.readdirSync(PACKAGES_CACHE).filter((file) => file.startsWith("packages-"));
  const age = (file) => fs.statSync(path.join(PACKAGES_CACHE, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const bundles = files.filter((file) => file.endsWith(".cjs")).sort((a, b) => age(b) - age(a));
  const kept = bundles.slice(0, PACKAGES_KEPT).map((file) => file.replace(/cjs$/, ""));
  for (const file of files) {
    const isStale = file.startsWith(made) && file.endsWith(".v8");
    if (isStale || !kept.some((one) => file.startsWith(one)))
      fs.rmSync(path.join(PACKAGES_CACHE, file), { force: true });
  }
}

/** @returns the exports of a module, with its precompiled code when there is some */
function run(source, file, compiled, require) {
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
  script.runInThisContext()(module.exports, require, module, file, path.dirname(file));
  return module.exports;
}

/** @returns the packages of a program by their names, each a function that loads it; bundled when nobody has before */
function packagesOf(entry, names, external, name) {
  const key = `packages-${packagesKey(external)}.`;
  const file = path.join(PACKAGES_CACHE, `${key}cjs`);
  let source = read(file)?.toString("latin1");
  const held = source === undefined ? [] : listOf(source);
  if (source === undefined || names.some((one) => !held.includes(one))) {
    const all = [...new Set([...held, ...names])].sort();
    source = bundleNow(entry, { packages: all, external });
    if (save(file, source)) forgetPackages(key);
  }
  const version = shortHash(createHash("sha256").update(listOf(source).join()));
  const compiled = path.join(PACKAGES_CACHE, `${key}${version}.${name}.v8`);
  return run(source, file, compiled, Module.createRequire(file));
}

/** Whether a name is that of a package that is loaded as it is, or of a file of it. */
function isOutside(name, outside) {
  return name === CLIENT || outside.some((one) => name === one || name.startsWith(`${one.replace(/\/\*$/, "")}/`));
}

/**
 * Loads a program.
 *
 * @param {{ name: string, entry: string, sources: string[], external?: string[] }} program its name in the cache; the
 * file to start with; the folders that it is made of; packages that must not be copied into it
 * @returns what the file exports
 */
function load({ name, entry, sources, external = [] }) {
  const key = `${name}-${sourcesKey(sources)}`;
  const file = path.join(CACHE, `${key}.cjs`);
  let source = read(file)?.toString("latin1");
  if (source === undefined) {
    source = bundleNow(entry, { entry });
    if (save(file, source)) forgetOthers(name, key);
  }
  const outside = [...OUTSIDE, ...external];
  const bundled = listOf(source).filter((one) => !isOutside(one, outside));
  const require = Module.createRequire(file);
  let packages;
  const requireBundled = (one) => {
    if (!bundled.includes(one)) return require(one);
    packages ??= packagesOf(entry, bundled, outside, name);
    return packages[one]();
  };
  return run(source, file, path.join(CACHE, `${key}.v8`), Object.assign(requireBundled, require));
}

module.exports = { load };

if (require.main === module) {
  const { entry, packages, external } = JSON.parse(fs.readFileSync(0, "utf8"));
  (entry === undefined ? bundlePackages(packages, external) : bundleProgram(entry)).then(
    (text) => process.stdout.write(text, "latin1"),
    (error) => {
      if (!Array.isArray(error.errors)) throw error;
      process.exitCode = CANNOT_BUNDLE;
    },
  );
}
