import { routingOf } from "../../../operations/flip/pager-proof";
import type { PlatformConfig } from "../../../stacks/schema";
import { configOf, stackText } from "../../stacks/config/support";

/** Lines of a stack in shadow, with a pager. */
export const SHADOW = `noetl:pager: { pagerDuty: {} }
noetl:secrets: { pagerDutyRoutingKey: { secure: v1:abc } }
noetl:streams: { mode: declared, by: bootstrap, also: [events] }
noetl:server: { flip: shadow }`;

/** A platform that is ready for the flip, its pager proven at a moment. */
export function shadowConfig(proven: Date): PlatformConfig {
  const config = configOf(stackText(SHADOW));
  const at = proven.toISOString();
  const proof = { at, by: "kim", receiver: "noetl-flip-pager", config: routingOf(config) };
  return { ...config, pager: { ...config.pager, proof } };
}
