/**
 * Of Arrow Flight's protocol, what fetching a result needs: its service, its method DoGet, and its messages on the wire.
 * The bodies of the data are rows as JSON, not Arrow's columns: nobody here looks into them.
 */

import type { ServiceDefinition } from "@grpc/grpc-js";

const TICKET = 1;
const DATA_BODY = 1000;
/** Wire type of bytes. */
const BYTES = 2;

export const DO_GET = "/arrow.flight.protocol.FlightService/DoGet";

const message = (field: number) => ({
  serialize: (body: string): Buffer => Buffer.concat([varint((field << 3) | BYTES), lengthOf(body), Buffer.from(body)]),
  deserialize: (bytes: Buffer): string => bytesOf(bytes, field).toString(),
});

export const ticket = message(TICKET);
export const flightData = message(DATA_BODY);

/** The service, for a server of gRPC. */
export const FLIGHT_SERVICE: ServiceDefinition = {
  doGet: {
    path: DO_GET,
    requestStream: false,
    responseStream: true,
    requestSerialize: ticket.serialize,
    requestDeserialize: ticket.deserialize,
    responseSerialize: flightData.serialize,
    responseDeserialize: flightData.deserialize,
  },
};

function lengthOf(text: string): Buffer {
  return varint(Buffer.byteLength(text));
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}

/** The bytes of a field; all others are passed over. */
function bytesOf(message: Buffer, field: number): Buffer {
  let at = 0;
  const next = (): number => {
    for (let [value, factor] = [0, 1]; ; factor *= 128) {
      const byte = message[at++] ?? 0;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = next();
    if (tag % 8 !== BYTES) throw new Error(`a field of wire type ${tag % 8}`);
    const length = next();
    if (tag >> 3 === field) return message.subarray(at, at + length);
    at += length;
  }
  return Buffer.alloc(0);
}
