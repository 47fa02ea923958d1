import { isReady } from "../reach";
import { at, textOf } from "../../../preview/json";
import { UserError } from "../../../stacks/errors";
import type { RigContext } from "../context";
import { attempt } from "../mtls/attempts";
import { type Clients, clientsOf, signersOf } from "../mtls/clients";
import { authoritySecrets, type Listener, tlsListeners } from "../mtls/listeners";
import { expectedOf, seen, verdictOf } from "../mtls/matrix";
import { validityEvidence } from "../mtls/validity";
import type { Platform } from "../platform";
import type { Need, Rig, Step } from "../rig";

export const mtls: Rig = {
  name: "mtls",
  summary: "each listener with TLS takes the clients that it should, and no others",
  proves: [
    "Clients with the right certificate get through; those without one, of another authority, or with one that has expired do not, where a certificate is asked for",
    "TLS 1.2 and 1.3 are spoken, 1.0 and 1.1 are not, and nothing is said without TLS",
    "Each listener shows a certificate of the authority that its clients know, for the name by which they call it, with days left",
  ],
  changes: [],
  needs: ({ graph, config }: Platform): Need[] => {
    const listeners = tlsListeners(graph, config);
    if (listeners.length === 0)
      return [
        { unmet: "nothing of the stack listens with TLS: noetl:server.tls, noetl:flight and noetl:nats.tls are off" },
      ];
    return [];
  },
  steps: ({ graph, config }: Platform): Step[] => {
    const clients = new Map<string, Clients>();
    const listeners = tlsListeners(graph, config);
    return [
      {
        phase: "apply",
        title: "read what clients have, and make what strangers have",
        run: async ({ reach }) => {
          const signers = await signersOf(reach, authoritySecrets(graph));
          for (const listener of listeners) clients.set(listener.name, await clientsOf(reach, listener, signers));
        },
      },
      ...listeners.map((listener): Step => ({
        phase: "assert",
        title: `handshakes with ${listener.name}`,
        run: async (context) => {
          const known = clients.get(listener.name);
          if (known) await handshakes(context, listener, known);
        },
      })),
    ];
  },
};

/** Comes to each pod that listens, in each of the ways. */
async function handshakes(context: RigContext, listener: Listener, clients: Clients): Promise<void> {
  const { namespace, podLabels, port } = listener;
  const pods = (await context.reach.pods(namespace, podLabels)).filter(isReady);
  if (pods.length === 0) throw new UserError(`no pod of ${listener.name} is ready`);
  for (const pod of pods) {
    const name = textOf(at(pod, "metadata", "name")) ?? "";
    const forward = await context.reach.forward({ kind: "Pod", name, namespace, port });
    const place = { host: "127.0.0.1", port: forward.port };
    for (const { comer, verdict } of expectedOf(listener)) {
      const outcome = await attempt(comer, place, listener, clients);
      if (outcome === undefined) {
        context.note(
          `${name}:${port}: no expired certificate was tried: the key of its authority is not in the cluster`,
        );
        continue;
      }
      const problem = forward.problem();
      const what = `${name}:${port}, ${comer}`;
      context.expect(
        what,
        verdict,
        problem === undefined ? seen(outcome) : `${seen(outcome)} (${problem})`,
        verdictOf(outcome) === verdict,
      );
      if (comer === "right certificate" && outcome.accepted) {
        const {
          what: about,
          expected,
          seen: found,
          ok,
        } = validityEvidence(`${name}:${port}`, outcome.validUntil, context.reach.clock.now());
        context.expect(about, expected, found, ok);
      }
    }
  }
}
