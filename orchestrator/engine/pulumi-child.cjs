"use strict";
// Runs one operation of Pulumi's engine for its parent, and sends what happens. A process of its own for each: what one
// leaves in memory ends with it, and a kill of the service cannot leave an engine that nobody knows.
const { LocalWorkspace } = require("@pulumi/pulumi/automation");

const abort = new globalThis.AbortController();

const OPERATIONS = {
  create: (stack, options) => stack.up(options),
  update: (stack, options) => stack.up(options),
  preview: (stack, options) => stack.preview(options),
  refresh: (stack, options) => stack.refresh(options),
  destroy: (stack, options) => stack.destroy(options),
  drift: (stack, options) => stack.previewRefresh(options),
  previewDestroy: (stack, options) => stack.previewDestroy(options),
  cancel: (stack) => stack.cancel(),
};
/** These may be the first of a stack. */
const MAKING = ["create", "update", "preview"];

/** What is told of an event: never inputs and outputs of resources, which hold secrets. */
function told({ diagnosticEvent, resOutputsEvent, resOpFailedEvent, summaryEvent }) {
  // For those who debug the SDK: every answer of the engine, with the secrets in it.
  if (diagnosticEvent && diagnosticEvent.severity !== "debug") {
    return { diagnostic: { severity: diagnosticEvent.severity, message: diagnosticEvent.message } };
  }
  const step = resOutputsEvent ?? resOpFailedEvent;
  if (step) return { step: { op: step.metadata.op, urn: step.metadata.urn, failed: resOutputsEvent === undefined } };
  return summaryEvent ? { changes: summaryEvent.resourceChanges } : undefined;
}

function send(message) {
  // The parent may have gone meanwhile.
  if (process.connected) process.send(message);
}

async function run({ operation, stackName, workDir, target }) {
  const open = MAKING.includes(operation) ? LocalWorkspace.createOrSelectStack : LocalWorkspace.selectStack;
  const stack = await open.call(LocalWorkspace, { stackName, workDir });
  await OPERATIONS[operation](stack, {
    color: "never",
    suppressProgress: true,
    suppressOutputs: true,
    ...(target && { target }),
    signal: abort.signal,
    onEvent: (event) => {
      const message = told(event);
      if (message) send(message);
    },
  });
}

process.on("unhandledRejection", () => undefined);
process.once("disconnect", () => abort.abort());
process.on("message", (message) => {
  if (message.cancel) {
    abort.abort();
    return;
  }
  run(message)
    .then(
      () => send({ done: true }),
      (error) => send({ failed: { name: error.name, message: String(error.message) } }),
    )
    .finally(() => {
      if (process.connected) process.disconnect();
    });
});
