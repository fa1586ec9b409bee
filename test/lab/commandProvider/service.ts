/**
 * The provider as the engine calls it. `@pulumi/pulumi/provider` could serve it, but passes on no timeout and no word
 * of preview, and answers without detailed diffs, so that a user's `replaceOnChanges` would do nothing.
 */
import type * as grpcTypes from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import rpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type * as Messages from "@pulumi/pulumi/proto/provider_pb.d.ts";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type { JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import type { Context } from "./connection.ts";
import type { Changes } from "./diff.ts";
import { wellFormed } from "./goText.ts";
import { engineLog, grpc, type LogFor } from "./log.ts";
import { check, create, differences, remove, update } from "./provider.ts";
import type { Values } from "./values.ts";

const VERSION = "1.2.1";
const cancelled = new AbortController();
let logFor: LogFor;

type Answer<In, Out> = (request: In) => Out | Promise<Out>;

/** Serves on a free port, which it returns. */
export async function serve(engine: string | undefined): Promise<number> {
  logFor = engineLog(engine);
  const server = new grpc.Server({ "grpc.max_receive_message_length": 400 * 1024 * 1024 });
  server.addService(rpc.ResourceProviderService as grpcTypes.ServiceDefinition, {
    attach: unary((request: { getAddress(): string }) => {
      logFor = engineLog(request.getAddress());
      return new empty.Empty();
    }),
    cancel: unary(() => {
      cancelled.abort();
      return new empty.Empty();
    }),
    getPluginInfo: unary(() => new plugin.PluginInfo().setVersion(VERSION)),
    getSchema: unary(() => new pb.GetSchemaResponse().setSchema(JSON.stringify({ name: "command", version: VERSION }))),
    checkConfig: unary((request: Messages.CheckRequest) => new pb.CheckResponse().setInputs(request.getNews())),
    diffConfig: unary(() => new pb.DiffResponse().setChanges(pb.DiffResponse.DiffChanges.DIFF_NONE)),
    configure: unary(() =>
      new pb.ConfigureResponse().setAcceptsecrets(true).setAcceptresources(true).setSupportspreview(true),
    ),
    check: unary(answerCheck),
    diff: unary(answerDiff),
    create: unary(answerCreate),
    read: unary((request: Messages.ReadRequest) =>
      new pb.ReadResponse()
        .setId(request.getId())
        .setProperties(request.getProperties())
        .setInputs(request.getInputs()),
    ),
    update: unary(answerUpdate),
    delete: unary(answerDelete),
  });
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
}

function unary<In, Out>(answer: Answer<In, Out>): grpcTypes.handleUnaryCall<In, Out> {
  return (call, callback) => {
    Promise.resolve(call.request)
      .then(answer)
      .then(
        (response) => callback(null, response),
        (error: Error) => callback({ code: grpc.status.UNKNOWN, details: wellFormed(error.message) }),
      );
  };
}

function answerCheck(request: Messages.CheckRequest): Messages.CheckResponse {
  const { inputs, failures } = check(typeOf(request.getUrn()), read(request.getNews()));
  return new pb.CheckResponse()
    .setInputs(write(inputs))
    .setFailuresList(
      failures.map(({ property, reason }) => new pb.CheckFailure().setProperty(property).setReason(reason)),
    );
}

function answerDiff(request: Messages.DiffRequest): Messages.DiffResponse {
  const [state, inputs] = [read(request.getOlds()), read(request.getNews())];
  return describe(differences(typeOf(request.getUrn()), state, inputs, request.getIgnorechangesList()));
}

function describe(changes: Changes): Messages.DiffResponse {
  const { DIFF_SOME, DIFF_NONE } = pb.DiffResponse.DiffChanges;
  const response = new pb.DiffResponse().setChanges(changes.size > 0 ? DIFF_SOME : DIFF_NONE);
  response.setHasdetaileddiff(true);
  for (const [path, { kind, replace }] of changes) {
    const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = pb.PropertyDiff.Kind;
    const kinds = { add: [ADD, ADD_REPLACE], delete: [DELETE, DELETE_REPLACE], update: [UPDATE, UPDATE_REPLACE] };
    const property = new pb.PropertyDiff().setKind(kinds[kind][replace ? 1 : 0] ?? UPDATE);
    response.getDetaileddiffMap().set(path, property);
    response.addDiffs(path);
    if (replace) response.addReplaces(path);
  }
  return response;
}

async function answerCreate(request: Messages.CreateRequest): Promise<Messages.CreateResponse> {
  const urn = request.getUrn();
  const name = urn.split("::").slice(3).join("::");
  const inputs = read(request.getProperties());
  const { id, state } = await create(
    typeOf(urn),
    name,
    inputs,
    request.getPreview(),
    context(urn, request.getTimeout()),
  );
  return new pb.CreateResponse().setId(id).setProperties(write(state));
}

async function answerUpdate(request: Messages.UpdateRequest): Promise<Messages.UpdateResponse> {
  const urn = request.getUrn();
  const [state, inputs] = [read(request.getOlds()), read(request.getNews())];
  const ignored = request.getIgnorechangesList();
  return new pb.UpdateResponse().setProperties(
    write(await update(typeOf(urn), state, inputs, ignored, request.getPreview(), context(urn, request.getTimeout()))),
  );
}

async function answerDelete(request: Messages.DeleteRequest): Promise<unknown> {
  const urn = request.getUrn();
  await remove(typeOf(urn), read(request.getProperties()), context(urn, request.getTimeout()));
  return new empty.Empty();
}

/** `seconds` of 0 means no timeout. */
function context(urn: string, seconds: number): Context {
  const signals = [cancelled.signal, ...(seconds > 0 ? [AbortSignal.timeout(seconds * 1000)] : [])];
  return { log: logFor(urn), cancelled: AbortSignal.any(signals) };
}

/** urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME */
function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").pop() ?? "";
}

function read(values: { toJavaScript(): Record<string, JavaScriptValue> } | undefined): Values {
  return (values?.toJavaScript() ?? {}) as Values;
}

function write(values: Values): InstanceType<typeof struct.Struct> {
  return struct.Struct.fromJavaScript(values as Record<string, JavaScriptValue>);
}
