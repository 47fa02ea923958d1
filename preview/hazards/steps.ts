/** Steps that several safe ways share. The commands are those of the nats CLI, as user `noetl` unless they say otherwise. */

export const STOP = "Stop what writes: scale the NoETL server and the worker pools to 0.";
export const BACKUP =
  "Save the streams with their consumers: nats account backup ./nats-backup (memory streams are not in it; they end with their servers).";
export const RESTORE = "Bring the streams back: nats account restore ./nats-backup";
export const RESTART = "Start the server and the worker pools again.";
