"use strict";
const { AsyncLocalStorage } = require("node:async_hooks");
const vm = require("node:vm");
const { ModernFakeTimers } = require("@jest/fake-timers");
const { ModuleMocker } = require("jest-mock");

/**
 * Test files run in the realm of Node itself, so that those of one worker share what npm packages load (package.cjs):
 * in Jest's own environment each file has a realm of its own, and loading Pulumi's SDK anew in each took half of all
 * time. Our own modules are still loaded for each file, and what a file leaves in the realm is undone after it.
 */

/** Stands for that realm: `node:vm` has a handle of every other realm only. */
const REALM = {};

const { compileFunction } = vm;

/** What a worker has compiled: most of our modules are loaded by many files. */
const compiled = new Map();

vm.compileFunction = (code, parameters, { parsingContext, ...options }) => {
  if (parsingContext !== REALM) return compileFunction(code, parameters, { ...options, parsingContext });
  const { filename } = options;
  const former = compiled.get(filename);
  if (former?.code === code) return compileFunction(code, parameters, { ...options, cachedData: former.data });
  const made = compileFunction(code, parameters, { ...options, produceCachedData: true });
  compiled.set(filename, { code, data: made.cachedData });
  return made;
};

/** Every one that is enabled makes all promises of the realm dearer, and Jest makes one for each file. */
const storages = new Set();
for (const name of ["run", "enterWith"]) {
  const former = AsyncLocalStorage.prototype[name];
  AsyncLocalStorage.prototype[name] = function (...given) {
    storages.add(this);
    return former.apply(this, given);
  };
}

/** Whoever uses one again enables it by that. */
function disableStorages() {
  for (const storage of storages) storage.disable();
  storages.clear();
}

/** Jest reads a package's files through package.cjs, which loads them by this. */
globalThis.requirePackage = require;

/** What Jest keeps in the realm for the file that is running. */
const JEST_STATE = /^Symbol\((JEST_STATE_SYMBOL|EVENT_HANDLERS|RETRY_TIMES|TEST_TIMEOUT_SYMBOL)/;

function forgetJest() {
  for (const key of Object.getOwnPropertySymbols(globalThis)) if (JEST_STATE.test(String(key))) delete globalThis[key];
}

/** Pulumi's SDK as after its loading: the packages that registered themselves then stay registered. */
function forgetPulumi() {
  delete globalThis.stackResource;
  if (!globalThis.globalStore) return;
  const { constructor: Store, resourcePackages, resourceModules } = globalThis.globalStore;
  globalThis.globalStore = Object.assign(new Store(), { resourcePackages, resourceModules });
}

/** Returns what brings the process back to how it is now. */
function remembered() {
  const { console } = globalThis;
  const { exit, exitCode } = process;
  const env = { ...process.env };
  const directory = process.cwd();
  return () => {
    globalThis.console = console;
    Object.assign(process, { exit, exitCode });
    for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
    Object.assign(process.env, env);
    process.chdir(directory);
  };
}

module.exports = class SharedRealm {
  global = globalThis;
  moduleMocker = new ModuleMocker(globalThis);
  fakeTimers = null;
  realm = REALM;
  restore = remembered();

  constructor({ projectConfig }) {
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
  }

  exportConditions() {
    return ["node", "node-addons"];
  }

  /** Nothing more is loaded after the file's end. */
  getVmContext() {
    return this.realm;
  }

  async setup() {}

  async teardown() {
    this.fakeTimersModern.dispose();
    this.fakeTimersModern = null;
    this.realm = null;
    this.restore();
    forgetJest();
    forgetPulumi();
    disableStorages();
  }
};
