import type { Catalog } from "./catalog";
import { EnvironmentError } from "./errors";
import { orderOf } from "./order";
import { roomProblem } from "./subnets";
import type { Config, CreateRequest, Node, Resources, TestCase, Topology } from "./schema";

/** The image of a bare machine, where none is named. */
const BARE_IMAGE = "docker.io/library/ubuntu:22.04";
const DISTINCT_TAG = /:[\w.-]+$/;
/** Keeps a bare machine up until it is removed. */
const BARE_COMMAND = ["/bin/sh", "-c", "trap 'exit 0' TERM; while :; do sleep 3600 & wait $!; done"];

/** One container, as it is to be. */
export interface ContainerPlan {
  /** Its name in the environment: the node's, and after the first of a node also the taskserv's. */
  name: string;
  node: string;
  role: string;
  /** Undefined for a bare machine. */
  taskserv: string | undefined;
  image: string;
  /** Undefined: the image's own. */
  command: string[] | undefined;
  user: string | undefined;
  env: Record<string, string>;
  writable: string[];
  readOnly: boolean;
  privileged: boolean;
  resources: Resources;
  /** The container of the same node whose network it has. */
  networkOf: string | undefined;
  health: { command: string[]; seconds: number } | undefined;
}

/** A test, in the container where it runs. */
export interface TestPlan {
  name: string;
  container: string;
  command: string[];
  seconds: number;
  expect: string | undefined;
}

/** What an environment is made of. */
export interface EnvironmentPlan {
  /** Containers in waves: each starts once the one before is healthy. */
  waves: ContainerPlan[][];
  tests: TestPlan[];
  /** Undefined: any that is free. */
  subnet: string | undefined;
  /** What people should know of it. */
  notices: string[];
}

/** @throws EnvironmentError for what cannot be made */
export function planOf(
  { config, images }: Pick<CreateRequest, "config" | "images">,
  catalog: Catalog,
): EnvironmentPlan {
  const { nodes, network, tests } = topologyOf(config, catalog);
  assertRoom(network.subnet, nodes.length);
  const notices: string[] = [];
  const waves = orderOf(nodes, "config.topology.nodes").map((wave) =>
    wave.flatMap((node) => containersOf(node, nodes, { catalog, images, notices })),
  );
  const containers = waves.flat();
  for (const { image } of containers) {
    if (!image.includes("@sha256:") && !notices.includes(unpinned(image))) notices.push(unpinned(image));
  }
  return {
    waves,
    tests: [
      ...containers.flatMap((container) => ownTests(container, nodes, catalog)),
      ...tests.map((test) => testOf(test, containers.find(({ node }) => node === test.node)?.name ?? "")),
    ],
    subnet: network.subnet,
    notices,
  };
}

function assertRoom(subnet: string | undefined, nodes: number): void {
  const problem = subnet === undefined ? undefined : roomProblem(subnet, nodes);
  if (problem === undefined) return;
  const field = "config.topology.network.subnet";
  throw new EnvironmentError("topology-invalid", `${field}: ${problem}`, field);
}

function unpinned(image: string): string {
  return `image ${image} is not pinned by a digest: another day it may be another one`;
}

/** What a request asks for, as a topology. */
function topologyOf(config: Config, { templates }: Catalog): Topology & { tests: TestCase[] } {
  if (config.type !== "cluster_topology") {
    const [name, role, taskservs] =
      config.type === "single_taskserv"
        ? [config.taskserv.replaceAll("_", "-"), "taskserv", [config.taskserv]]
        : [config.server_name, "server", config.taskservs];
    const { base_image, resources, env, read_only } = config;
    const node: Node = {
      ...{ name, role, taskservs, resources, env, read_only },
      ...(base_image !== undefined && { base_image }),
      ...{ depends_on: [], privileged: false },
    };
    return { nodes: [node], network: {}, tests: [] };
  }
  const { template, topology } = config;
  if ((template === undefined) === (topology === undefined)) {
    const message = "config: give either a topology or the name of a template";
    throw new EnvironmentError("topology-invalid", message, "config");
  }
  if (topology) return { ...topology, tests: [] };
  const found = templates.get(template ?? "");
  if (found) return found;
  const message = `config.template: there is no template ${template}; there are ${[...templates.keys()].join(", ")}`;
  throw new EnvironmentError("template-unknown", message, "config.template");
}

interface Making {
  catalog: Catalog;
  images: Readonly<Record<string, string>>;
  notices: string[];
}

function containersOf(node: Node, nodes: readonly Node[], { catalog, images, notices }: Making): ContainerPlan[] {
  const { name, role, env, resources, read_only: readOnly, privileged } = node;
  const common = { node: name, role, resources, readOnly };
  const bare = (container: string, image: string, networkOf: string | undefined): ContainerPlan => ({
    ...common,
    ...{ name: container, taskserv: undefined, image: tagged(image), command: BARE_COMMAND, user: undefined },
    ...{ env: { ...env, TASKSERVS: node.taskservs.join(" ") }, writable: [], privileged, networkOf },
    health: undefined,
  });
  if (node.base_image !== undefined) return [bare(name, node.base_image, undefined)];
  const included = new Set(node.taskservs.flatMap((taskserv) => catalog.taskservs.get(taskserv)?.includes ?? []));
  return node.taskservs
    .filter((taskserv) => !included.has(taskserv))
    .map((taskserv, at): ContainerPlan => {
      const own = at === 0 ? name : `${name}-${taskserv.replaceAll("_", "-")}`;
      const networkOf = at === 0 ? undefined : name;
      const known = catalog.taskservs.get(taskserv);
      if (!known) {
        const image = images[taskserv] ?? BARE_IMAGE;
        notices.push(`${name}: there is no taskserv ${taskserv} in the catalog: a bare ${image} for your own scripts`);
        return bare(own, image, networkOf);
      }
      const fill = filler(node, taskserv, nodes, known.each);
      return {
        ...common,
        ...{ name: own, taskserv, image: tagged(images[taskserv] ?? known.image), command: known.command?.map(fill) },
        ...{ user: known.user, writable: known.writable, privileged: privileged || known.privileged, networkOf },
        env: Object.fromEntries(Object.entries({ ...known.env, ...env }).map(([key, value]) => [key, fill(value)])),
        health: known.health && { command: known.health.command.map(fill), seconds: known.health.timeout_seconds },
      };
    });
}

function ownTests(container: ContainerPlan, nodes: readonly Node[], { taskservs }: Catalog): TestPlan[] {
  const { node: name, taskserv } = container;
  const known = taskserv === undefined ? undefined : taskservs.get(taskserv);
  const node = nodes.find((one) => one.name === name);
  if (!known || !node || taskserv === undefined) return [];
  const fill = filler(node, taskserv, nodes, known.each);
  return known.tests
    .filter((test) => test.node === undefined || test.node === name)
    .map((test) => testOf({ ...test, command: test.command.map(fill) }, container.name));
}

function testOf({ name, command, timeout_seconds: seconds, expect }: TestCase, container: string): TestPlan {
  return { name, container, command, seconds, expect };
}

/** Puts in what only the topology knows: `{node}`, `{role}`, and `{each.NAME}`. All else in braces stays. */
function filler(node: Node, taskserv: string, nodes: readonly Node[], each: Readonly<Record<string, string>>) {
  const alike = nodes.filter(({ role, taskservs }) => role === node.role && taskservs.includes(taskserv));
  const of = (text: string, { name, role }: Node) => text.replaceAll("{node}", name).replaceAll("{role}", role);
  return (text: string): string =>
    Object.entries(each).reduce(
      (filled, [key, item]) => filled.replaceAll(`{each.${key}}`, alike.map((one) => of(item, one)).join(",")),
      of(text, node),
    );
}

/** Without a tag Docker would pull them all. */
function tagged(image: string): string {
  return image.includes("@") || DISTINCT_TAG.test(image) ? image : `${image}:latest`;
}
