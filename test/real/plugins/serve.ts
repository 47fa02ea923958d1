import * as grpc from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Change } from "./changes";
import { type Difference, NotInitialized, type Plugin } from "./plugin";
import type { Values } from "./values";

const UNLIMITED = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

/**
 * Serves a plugin to the engine that started this process.
 *
 * @returns the port, which the engine expects as the first line of standard output
 */
export async function serve(plugin: Plugin, version: string): Promise<number> {
  const server = new grpc.Server(UNLIMITED);
  server.addService(ResourceProviderService, handlersOf(plugin, version));
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });
}

function handlersOf(plugin: Plugin, version: string): grpc.UntypedServiceImplementation {
  const stop = new AbortController();
  const about = (request: { getType(): string; getName(): string }) => ({
    type: request.getType(),
    name: request.getName(),
    signal: stop.signal,
  });
  return {
    getPluginInfo: unary(() => new PluginInfo().setVersion(version)),
    checkConfig: unary((request: proto.CheckRequest) => new proto.CheckResponse().setInputs(request.getNews())),
    diffConfig: unary((request: proto.DiffRequest) =>
      diffResponse(
        plugin.differenceOfArguments?.(valuesOf(request.getOldInputs()), valuesOf(request.getNews())) ?? NONE,
      ),
    ),
    configure: unary((request: proto.ConfigureRequest) => {
      plugin.configure?.(valuesOf(request.getArgs()));
      return new proto.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
    }),
    check: unary((request: proto.CheckRequest) => {
      const reasons = plugin.check({ type: request.getType(), inputs: valuesOf(request.getNews()) });
      const failures = reasons.map((reason) => new proto.CheckFailure().setReason(reason));
      return new proto.CheckResponse().setInputs(request.getNews()).setFailuresList(failures);
    }),
    diff: unary((request: proto.DiffRequest) => {
      const old = valuesOf(request.getOldInputs());
      return diffResponse(plugin.difference({ type: request.getType(), old, inputs: valuesOf(request.getNews()) }));
    }),
    create: unary(async (request: proto.CreateRequest) => {
      const inputs = valuesOf(request.getProperties());
      const call = { ...about(request), inputs, preview: request.getPreview(), limit: limitOf(request) };
      const { id, outputs } = await plugin.create(call);
      return new proto.CreateResponse().setId(id).setProperties(structOf(outputs));
    }),
    update: unary(async (request: proto.UpdateRequest) => {
      const outputs = await plugin.update?.({
        ...about(request),
        id: request.getId(),
        inputs: valuesOf(request.getNews()),
        outputs: valuesOf(request.getOlds()),
        preview: request.getPreview(),
        limit: limitOf(request),
      });
      return new proto.UpdateResponse().setProperties(structOf(outputs ?? valuesOf(request.getOlds())));
    }),
    read: unary(async (request: proto.ReadRequest) => {
      const [inputs, outputs] = [valuesOf(request.getInputs()), valuesOf(request.getProperties())];
      const known = { inputs, outputs };
      const found = plugin.read ? await plugin.read({ ...about(request), id: request.getId(), ...known }) : known;
      if (found === undefined) return new proto.ReadResponse();
      return new proto.ReadResponse()
        .setId(request.getId())
        .setInputs(structOf(found.inputs))
        .setProperties(structOf(found.outputs));
    }),
    delete: unary(async (request: proto.DeleteRequest) => {
      const [inputs, outputs] = [valuesOf(request.getOldInputs()), valuesOf(request.getProperties())];
      await plugin.delete?.({ ...about(request), id: request.getId(), inputs, outputs, limit: limitOf(request) });
      return new Empty();
    }),
    cancel: unary(() => {
      stop.abort(new Error("cancelled"));
      return new Empty();
    }),
  };
}

/** A handler that answers with what `answer` returns, or with what it throws. */
function unary<Request, Response>(
  answer: (request: Request) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, respond) => {
    new Promise<Response>((resolve) => {
      resolve(answer(call.request));
    }).then(
      (response) => {
        respond(null, response);
      },
      (error: unknown) => {
        respond(failureOf(error as Error));
      },
    );
  };
}

const NONE: Difference = { changes: [], replaces: [] };

function diffResponse({ changes, replaces, deleteFirst = false }: Difference): proto.DiffResponse {
  const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
  const response = new proto.DiffResponse()
    .setChanges(changes.length === 0 ? DIFF_NONE : DIFF_SOME)
    .setReplacesList(replaces)
    .setDeletebeforereplace(deleteFirst)
    .setHasdetaileddiff(true);
  for (const change of changes) {
    const kind = kindOf(change, replaces.includes(change.path));
    response.getDetaileddiffMap().set(change.path, new proto.PropertyDiff().setKind(kind).setInputdiff(true));
  }
  return response;
}

function kindOf({ kind }: Change, replaces: boolean): proto.PropertyDiff.Kind {
  const { Kind } = proto.PropertyDiff;
  const kinds = {
    add: [Kind.ADD, Kind.ADD_REPLACE],
    delete: [Kind.DELETE, Kind.DELETE_REPLACE],
    update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
  } as const;
  return kinds[kind][replaces ? 1 : 0];
}

function failureOf(error: Error): Partial<grpc.ServiceError> {
  const failure = { code: grpc.status.UNKNOWN, details: error.message };
  if (!(error instanceof NotInitialized)) return failure;
  const detail = new proto.ErrorResourceInitFailed()
    .setId(error.id)
    .setProperties(structOf(error.outputs))
    .setReasonsList([error.message]);
  const any = new Any();
  any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new Status().setCode(failure.code).setMessage(error.message).setDetailsList([any]);
  const metadata = new grpc.Metadata();
  // The name under which gRPC carries structured errors.
  metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return { ...failure, metadata };
}

function limitOf(request: { getTimeout(): number }): number | undefined {
  return request.getTimeout() === 0 ? undefined : request.getTimeout() * 1_000;
}

function valuesOf(struct: Struct | undefined): Values {
  return struct?.toJavaScript() ?? {};
}

function structOf(values: Values): Struct {
  return Struct.fromJavaScript(values);
}
