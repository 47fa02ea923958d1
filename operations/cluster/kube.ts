import { createServer, type Server, type Socket } from "node:net";
import { Writable } from "node:stream";
import type * as Kubernetes from "@kubernetes/client-node";
import type * as Config from "@kubernetes/client-node/dist/config.js";
import { UserError } from "../../stacks/errors";
import { ClusterApi } from "./api";

/** Which cluster to talk to. */
export interface ClusterChoice {
  /** Kubeconfig files, one path or several parted by `:`. Default: ~/.kube/config. */
  kubeconfig?: string | undefined;
  /** The context that the stack deploys to: no other is ever touched. */
  stackContext: string;
  /** What the user allows instead. */
  context?: string | undefined;
  /** Whether nothing else can be allowed. */
  fixed?: boolean;
}

/** A way to a port of a pod. */
export interface Forward {
  /** `http://127.0.0.1:PORT`. */
  url: string;
  /** PORT of it. */
  port: number;
  /** Why nothing comes through, as far as the API server or the kubelet has said so. */
  problem(): string | undefined;
  /** Ends it, and every connection that goes through it. */
  close(): void;
}

/** Access to the cluster of a stack. */
export class StackCluster {
  private constructor(private readonly config: Kubernetes.KubeConfig) {}

  /** @throws UserError when the kubeconfig cannot be read or has no such context */
  static open({ kubeconfig, stackContext, context = stackContext, fixed = false }: ClusterChoice): StackCluster {
    const config = readKubeconfig(kubeconfig);
    const known = config.getContexts().map(({ name }) => name);
    if (!known.includes(context)) {
      const named = context === stackContext ? ", which the stack names in noetl:cluster.context" : "";
      throw new UserError(
        `the kubeconfig has no context "${context}"${named}; it has: ${known.join(", ") || "none"}\n` +
          `next: get the credentials of that cluster${fixed ? "" : ", or allow another context with --context NAME"}`,
      );
    }
    config.setCurrentContext(context);
    return new StackCluster(config);
  }

  /** The API server itself, with the credentials of the context. */
  api(): ClusterApi {
    return new ClusterApi(this.config);
  }

  /** Opens a local port that leads to a port of a pod, as `kubectl port-forward` does. */
  async forward(namespace: string, pod: string, port: number): Promise<Forward> {
    const forward = new (loadKubernetes().PortForward)(this.config);
    let problem: string | undefined;
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      const errors = new Writable({
        write(text: Buffer, _encoding, done) {
          // Nothing follows the port's number, which begins every stream, while all is well.
          if (text.length > 0) {
            problem = `port-forward: ${text.toString().trim()}`;
            socket.destroy();
          }
          done();
        },
      });
      socket.on("error", () => socket.destroy());
      forward.portForward(namespace, pod, [port], socket, errors, socket).then(
        (opened: unknown) => {
          // Nobody else ends it, and this process would not end before it.
          const end = (): void => {
            (opened as { close: () => void }).close();
          };
          if (socket.destroyed) end();
          else socket.once("close", end);
        },
        (error: unknown) => {
          problem = refusalOf(error);
          socket.destroy();
        },
      );
    });
    const local = await listening(server);
    const close = (): void => {
      server.close();
      for (const socket of sockets) socket.destroy();
    };
    return { url: `http://127.0.0.1:${local}`, port: local, problem: () => problem, close };
  }
}

const REFUSALS: Record<string, string> = {
  401: "does not accept the credentials of the kubeconfig",
  403: "wants the right to create pods/portforward in that namespace",
  404: "knows no such pod",
  500: "cannot reach the pod through the kubelet of its node",
};

/** What the rejection of a WebSocket means: an event whose message has the status. */
function refusalOf(error: unknown): string {
  const { message = String(error) } = error as { message?: string };
  const [, status = ""] = /server response: (\d+)/.exec(message) ?? [];
  return REFUSALS[status] === undefined
    ? `no port-forward through the API server: ${message}`
    : `the API server ${REFUSALS[status]}`;
}

/** A large library, of which most commands need only how it reads a kubeconfig. */
function loadKubernetes(): typeof Kubernetes {
  // Code that V8 has cached cannot `import()`.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require("@kubernetes/client-node") as typeof Kubernetes;
}

/** The part that reads a kubeconfig, and gets credentials as it says: certificates, tokens, plugins, proxies. */
function loadConfig(): typeof Config {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require("@kubernetes/client-node/dist/config.js") as typeof Config;
}

function readKubeconfig(paths = ""): Kubernetes.KubeConfig {
  const { KubeConfig } = loadConfig();
  const config = new KubeConfig();
  try {
    const [first, ...others] = paths.split(":").filter((file) => file !== "");
    if (first === undefined) config.loadFromDefault();
    else config.loadFromFile(first);
    for (const file of others) {
      const more = new KubeConfig();
      more.loadFromFile(file);
      config.mergeConfig(more);
    }
    return config;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(
      `the kubeconfig cannot be read: ${reason}\nnext: name another one in KUBECONFIG or --kubeconfig`,
    );
  }
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("no port"));
      else resolve(address.port);
    });
  });
}
