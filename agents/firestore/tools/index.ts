import type { Tool } from "../tool";
import { DOCUMENT_TOOLS } from "./documents";
import { EVENT_TOOLS } from "./events";
import { QUERY_TOOLS } from "./query";

/** Every tool of the agent. */
export const TOOLS: readonly Tool[] = [...DOCUMENT_TOOLS, ...QUERY_TOOLS, ...EVENT_TOOLS];
