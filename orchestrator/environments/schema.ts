import { z } from "zod";
import { secret } from "../secret-fields";
import { orderProblem } from "./order";
import { firstOf, roomProblem } from "./subnets";

/** A DNS label: containers find each other by it. */
const label = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "must be 1 to 63 small letters, digits and -, as cp-01");
const taskserv = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, "must be the name of a taskserv, as kubernetes");
const template = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, "must be the name of a template, as etcd_cluster");
const image = z
  .string()
  .regex(
    /^[a-z0-9][\w.:/-]{0,254}(@sha256:[0-9a-f]{64})?$/,
    "must be an image, as docker.io/library/redis:7-alpine@sha256:…",
  );
const word = z.string().regex(/^[^\p{Cc}]{1,100}$/u, "must be 1 to 100 letters");
const command = z.array(z.string().max(10_000)).min(1).max(100);
const variable = z.string().regex(/^[A-Za-z_]\w*$/, "must be the name of a variable");
/** The longest variable that Linux hands to a program has 128 KiB. */
export const LONGEST_VARIABLE = 100_000;
const env = z.record(variable, secret(z.string().max(LONGEST_VARIABLE)));
const absolute = z.string().regex(/^\/[\w./-]{1,200}$/, "must be an absolute path");
const seconds = z.int().min(1).max(3600);

export const resources = z
  .strictObject({
    cpu_millicores: z.int().min(10).max(1_024_000).default(1000).describe("Thousandths of a processor."),
    memory_mb: z.int().min(6).max(16_777_216).default(512).describe("MiB; there is no swap beside it."),
    disk_mb: z.int().min(1).max(16_777_216).default(1024).describe("MiB that may be written."),
    pids: z.int().min(1).max(4_194_304).default(512).describe("Processes and threads."),
  })
  .describe("Limits of each container.");
export type Resources = z.infer<typeof resources>;
const limits = resources.prefault({});

/** A machine of a topology. */
const node = z.strictObject({
  name: label,
  role: word.default("node"),
  taskservs: z.array(taskserv).min(1).max(20),
  base_image: image.optional().describe("A bare machine of this image instead of the taskservs' own images."),
  resources: limits,
  depends_on: z.array(label).max(100).default([]).describe("Nodes that must be healthy before this one starts."),
  env: env.default({}),
  privileged: z.boolean().default(false).describe("Refused unless the server allows it."),
  read_only: z.boolean().default(true).describe("Root file system."),
});
export type Node = z.infer<typeof node>;

const subnet = z
  .cidrv4({ error: "must be an IPv4 subnet, as 172.30.0.0/16", abort: true })
  .refine((cidr) => firstOf(cidr) === cidr, {
    error: ({ input }) => `must begin with its first address, as ${firstOf(String(input))}`,
  });

const network = z.strictObject({
  subnet: subnet.optional().describe("Default: one that is free."),
});

export const topology = z.strictObject({
  nodes: z.array(node).min(1).max(50),
  network: network.prefault({}),
});
export type Topology = z.infer<typeof topology>;

const check = {
  command,
  timeout_seconds: seconds.default(60),
};
const testCase = z.strictObject({
  name: word,
  ...check,
  expect: z.string().max(1000).optional().describe("Must stand in what it prints."),
  node: label.optional().describe("Default: each node that runs it."),
});
export type TestCase = z.infer<typeof testCase>;

/** `taskservs/<name>.toml`: how a taskserv runs in a container. */
export const taskservFile = z.strictObject({
  description: z.string(),
  image,
  includes: z.array(taskserv).default([]).describe("Taskservs of a node that its image has inside."),
  command: command.optional().describe("Default: the image's own."),
  user: z.string().optional().describe("uid, or uid:gid. Default: the image's."),
  env: env.default({}),
  env_files: z
    .record(variable, z.string().min(1))
    .default({})
    .describe("Variables that hold what stands in a file, whose path is from this one's folder."),
  each: z
    .record(z.string().regex(/^\w+$/), z.string())
    .default({})
    .describe("One item for each node of the same role that runs it, joined by commas: {each.NAME}."),
  writable: z.array(absolute).default([]).describe("Folders beside /tmp and /run that may be written to."),
  privileged: z.boolean().default(false),
  health: z
    .strictObject({ ...check })
    .optional()
    .describe("Ends with 0 once it is well."),
  tests: z.array(testCase).default([]),
});
export type Taskserv = z.infer<typeof taskservFile>;

/** `templates/<name>.toml`: a topology with a name. */
export const templateFile = z
  .strictObject({
    description: z.string(),
    cluster_type: word,
    nodes: topology.shape.nodes,
    network: topology.shape.network,
    tests: z.array(testCase.extend({ node: label })).default([]),
  })
  .superRefine(({ nodes, tests, network: { subnet: cidr } }, context) => {
    const refuse = (path: PropertyKey[], message: string) => {
      context.addIssue({ code: "custom", path, message });
    };
    const problem = orderProblem(nodes);
    if (problem) refuse(["nodes", problem.at, problem.key], problem.message);
    const tooSmall = cidr === undefined ? undefined : roomProblem(cidr, nodes.length);
    if (tooSmall !== undefined) refuse(["network", "subnet"], tooSmall);
    const names = nodes.map(({ name }) => name);
    tests.forEach(({ node: name }, at) => {
      if (!names.includes(name))
        refuse(["tests", at, "node"], `there is no node ${name}; there are ${names.join(", ")}`);
    });
  });
export type Template = z.infer<typeof templateFile>;

export const config = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("single_taskserv"),
    taskserv,
    base_image: image.optional().describe("A bare machine of this image instead of the taskserv's own."),
    resources: limits,
    env: env.default({}),
    read_only: z.boolean().default(true),
  }),
  z.strictObject({
    type: z.literal("server_simulation"),
    server_name: label,
    taskservs: z.array(taskserv).min(1).max(20),
    base_image: image.optional().describe("A bare machine of this image instead of the taskservs' own."),
    resources: limits,
    env: env.default({}),
    read_only: z.boolean().default(true),
  }),
  z.strictObject({
    type: z.literal("cluster_topology"),
    cluster_type: word.optional(),
    template: template.optional().describe("Instead of a topology."),
    topology: topology.optional(),
  }),
]);
export type Config = z.infer<typeof config>;

/** Body of POST /test/environments/create. */
export const createBody = z.strictObject({
  config,
  name: label.optional().describe("No two environments have the same. Default: its id."),
  infra: word.optional().describe("The stack it stands for, for people."),
  auto_start: z.boolean().default(false).describe("Start it and wait until it is healthy. Else its first run does."),
  auto_cleanup: z.boolean().default(false).describe("Remove its containers once tests have run."),
  ttl_minutes: z.int().min(1).max(10_080).default(240).describe("It is removed when they are over."),
  images: z.record(taskserv, image).default({}).describe("Other images of taskservs."),
  wait: z.boolean().default(false).describe("Answer once it is there, or after wait_seconds."),
  wait_seconds: z.int().min(1).max(300).default(60),
});
export type CreateRequest = z.infer<typeof createBody>;

/** Body of POST /test/environments/{id}/run. */
export const runBody = z.strictObject({
  tests: z.array(word).max(100).default([]).describe("Names of tests. Default: all."),
  script: secret(z.string().min(1).max(100_000))
    .optional()
    .describe("Run by `sh -c` instead of the environment's tests. Shown nowhere: it may hold secrets."),
  node: label.optional().describe("Where the script runs. Default: on the first node."),
  timeout_seconds: seconds.default(300).describe("Of the script."),
  wait: z.boolean().default(false),
  wait_seconds: z.int().min(1).max(300).default(60),
});
export type RunRequest = z.infer<typeof runBody>;
