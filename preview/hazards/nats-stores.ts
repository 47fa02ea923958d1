import { bytesText } from "../amounts";
import type { NatsConf } from "../nats/conf";
import type { NatsServers } from "../nats/servers";
import type { Workload } from "../workloads";
import { natsKey, natsPairs, type Hazard } from "./hazard";
import { BACKUP, RESTART, RESTORE, STOP } from "./steps";

export const storeLowered: Hazard = {
  id: "nats-store-lowered",
  title: "A JetStream store becomes smaller",
  why: "a reload refuses it, and after a restart a store that holds more than the new limit takes no message at all ('insufficient resources', 10023) while /healthz still answers 200",
  safeWay: [
    "See what each server holds (user sys): nats server report jetstream",
    "Limit or purge streams until they fit with a fifth to spare: nats stream edit NAME --max-bytes SIZE, or nats stream purge NAME --keep COUNT",
    "Deploy with a waiver for this rule.",
  ],
  find: (change) =>
    natsPairs(change).flatMap(({ before, after }) => {
      if (!before.conf.jetstream || !after.conf.jetstream) return [];
      return (["fileStore", "memoryStore"] as const).flatMap((store) => {
        const [was, is] = [before.conf[store], after.conf[store]];
        if (was === undefined || is === undefined || is >= was) return [];
        const [setting, key] = store === "fileStore" ? ["max_file_store", "file"] : ["max_memory_store", "memory"];
        return [
          {
            resource: after.workload.resource.urn,
            what: `${setting} goes from ${bytesText(was)} to ${bytesText(is)}`,
            avoid: `keep ${natsKey(after)}.jetstream.${key} at ${bytesText(was)}`,
          },
        ];
      });
    }),
};

export const storeMoved: Hazard = {
  id: "nats-store-moved",
  title: "JetStream's store moves to another directory",
  why: "the server finds no streams in the new directory and starts without any; the files of the old one stay unread",
  safeWay: [
    STOP,
    BACKUP,
    "Deploy with a waiver for this rule.",
    RESTORE,
    `${RESTART} Delete the old directory when all is well.`,
  ],
  find: (change) =>
    natsPairs(change).flatMap(({ before, after }) => {
      if (!before.conf.jetstream || !after.conf.jetstream) return [];
      const [was, is] = [storePlace(before), storePlace(after)];
      if (was === is) return [];
      return [
        {
          resource: after.workload.resource.urn,
          what: `the store moves from ${was} to ${is}`,
          avoid: `keep it in ${was}`,
        },
      ];
    }),
};

export const jetstreamRemoved: Hazard = {
  id: "nats-jetstream-removed",
  title: "JetStream is switched off",
  why: "the server serves no stream any more: publishers get no acknowledgement and consumers no message, and the files stay unread",
  safeWay: [STOP, BACKUP, "Deploy with a waiver for this rule."],
  find: (change) =>
    natsPairs(change).flatMap(({ before, after }) =>
      before.conf.jetstream && !after.conf.jetstream
        ? [{ resource: after.workload.resource.urn, what: "the jetstream block goes", avoid: "keep it" }]
        : [],
    ),
};

export const domainRemoved: Hazard = {
  id: "nats-domain-removed",
  title: "A JetStream domain is removed or renamed",
  why: "the streams stay, but nothing answers under the old prefix any more: mirrors, sources and clients that use it stop, and across a leaf node the requests of both sides meet in one API",
  safeWay: [
    "Find what uses the prefix: mirrors and sources (nats stream info NAME, 'external'), and clients that set a JetStream domain.",
    "Stop them, and let mirrors and sources catch up.",
    "Deploy with a waiver for this rule; restart all servers of the domain before anything writes.",
    "Make mirrors and sources anew without the old prefix, and start the clients.",
  ],
  find: (change) =>
    natsPairs(change).flatMap(({ before, after }) => {
      const [was, is] = [before.conf.domain, after.conf.domain];
      if (!before.conf.jetstream || !after.conf.jetstream || was === undefined || was === is) return [];
      return [
        {
          resource: after.workload.resource.urn,
          what: `domain ${was} ${is === undefined ? "is removed" : `becomes ${is}`}, and with it $JS.${was}.API`,
          avoid: `keep domain ${was} (${natsKey(after)})`,
        },
      ];
    }),
};

/** Where the files are: volume and directory in it, however it is mounted. */
function storePlace({ conf, workload }: NatsServers): string {
  const mount = mountOf(workload, conf);
  if (!mount) return conf.storeDir;
  const below = conf.storeDir.slice(mount.path.length).replace(/^\/+|\/+$/g, "");
  return `volume ${mount.volume}${below === "" ? "" : `, directory ${below}`}`;
}

function mountOf({ containers }: Workload, { storeDir }: NatsConf): { volume: string; path: string } | undefined {
  return containers
    .flatMap(({ mounts }) => mounts)
    .filter(({ path }) => storeDir === path || storeDir.startsWith(path.endsWith("/") ? path : `${path}/`))
    .sort((a, b) => b.path.length - a.path.length)[0];
}
