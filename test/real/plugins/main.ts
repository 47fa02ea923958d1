/** Runs one plugin: `node main.js <package> <version>`. */
import { kubernetesPlugin } from "./kubernetes/plugin";
import type { Plugin } from "./plugin";
import { randomPlugin } from "./random";
import { recordedCloud } from "./recorded";
import { serve } from "./serve";

const PLUGINS: Record<string, () => Plugin> = {
  kubernetes: () => kubernetesPlugin(process.env),
  random: randomPlugin,
  gcp: recordedCloud,
};

const [, , name = "", version = ""] = process.argv;
const plugin = PLUGINS[name];
if (plugin === undefined) throw new Error(`no plugin '${name}' among ${Object.keys(PLUGINS).join(", ")}`);
void serve(plugin(), version).then((port) => {
  process.stdout.write(`${port}\n`);
});

// An engine that is killed cannot end its plugins; its death gives them another parent.
const engine = process.ppid;
setInterval(() => {
  if (process.ppid !== engine) process.exit();
}, 500);
