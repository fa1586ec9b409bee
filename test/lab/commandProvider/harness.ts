/** For tests: the stand-in as a child process, with the engine's side of the conversation. */
import { type ChildProcess, spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type * as grpcTypes from "@grpc/grpc-js";
import engineRpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb.d.ts";
import enginePb from "@pulumi/pulumi/proto/engine_pb.js";
import rpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { grpc } from "./log.ts";
import type { Values } from "./values.ts";

export const executable = join(dirname(fileURLToPath(import.meta.url)), "pulumi-resource-command");

export interface Line {
  severity: string;
  message: string;
  ephemeral: boolean;
}

export interface Provider {
  /** What the engine's log got, oldest first. */
  log: Line[];
  check(type: string, news: Values): Promise<{ inputs: Values; failures: { property: string; reason: string }[] }>;
  diff(type: string, olds: Values, news: Values): Promise<{ changed: boolean; replaces: string[]; diffs: string[] }>;
  create(type: string, inputs: Values, preview?: boolean): Promise<{ id: string; state: Values }>;
  update(type: string, olds: Values, news: Values, preview?: boolean): Promise<Values>;
  delete(type: string, state: Values): Promise<void>;
  cancel(): Promise<void>;
  stop(): void;
}

export async function startProvider(environment: NodeJS.ProcessEnv = {}): Promise<Provider> {
  const log: Line[] = [];
  const engine = await fakeEngine(log);
  const child = spawn(executable, [`127.0.0.1:${engine.port}`], {
    env: { PATH: `${dirname(process.execPath)}:${process.env.PATH}`, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  process.once("exit", () => child.kill());
  const port = await firstLine(child);
  const client = new rpc.ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
    "grpc.max_receive_message_length": -1,
    "grpc-node.max_session_memory": 1000,
  });
  const urn = (type: string) => `urn:pulumi:test::mailhost::${type}::name`;
  const ask = <In, Out>(method: string, request: In): Promise<Out> =>
    new Promise((resolve, reject) => {
      const call = (
        client as unknown as Record<string, (r: In, d: (e: grpcTypes.ServiceError | null, a: Out) => void) => void>
      )[method];
      call?.call(client, request, (error, answer) => (error ? reject(new Error(error.details)) : resolve(answer)));
    });
  return {
    log,
    check: async (type, news) => {
      const answer: InstanceType<typeof pb.CheckResponse> = await ask(
        "check",
        new pb.CheckRequest().setUrn(urn(type)).setOlds(write({})).setNews(write(news)),
      );
      return {
        inputs: read(answer.getInputs()),
        failures: answer.getFailuresList().map((failure) => failure.toObject()),
      };
    },
    diff: async (type, olds, news) => {
      const answer: InstanceType<typeof pb.DiffResponse> = await ask(
        "diff",
        new pb.DiffRequest().setUrn(urn(type)).setOlds(write(olds)).setNews(write(news)),
      );
      return {
        changed: answer.getChanges() === pb.DiffResponse.DiffChanges.DIFF_SOME,
        replaces: answer.getReplacesList(),
        diffs: answer.getDiffsList(),
      };
    },
    create: async (type, inputs, preview = false) => {
      const answer: InstanceType<typeof pb.CreateResponse> = await ask(
        "create",
        new pb.CreateRequest().setUrn(urn(type)).setProperties(write(inputs)).setPreview(preview),
      );
      return { id: answer.getId(), state: read(answer.getProperties()) };
    },
    update: async (type, olds, news, preview = false) => {
      const answer: InstanceType<typeof pb.UpdateResponse> = await ask(
        "update",
        new pb.UpdateRequest().setUrn(urn(type)).setOlds(write(olds)).setNews(write(news)).setPreview(preview),
      );
      return read(answer.getProperties());
    },
    delete: async (type, state) => {
      await ask("delete", new pb.DeleteRequest().setUrn(urn(type)).setProperties(write(state)));
    },
    cancel: async () => {
      await ask("cancel", new empty.Empty());
    },
    stop: () => {
      client.close();
      child.kill();
      engine.stop();
    },
  };
}

async function fakeEngine(log: Line[]): Promise<{ port: number; stop(): void }> {
  const severities = Object.keys(enginePb.LogSeverity);
  const server = new grpc.Server();
  server.addService(engineRpc.EngineService as grpcTypes.ServiceDefinition, {
    log: (call: { request: LogRequest }, callback: (error: null, answer: unknown) => void) => {
      const { severity, message, ephemeral } = call.request.toObject();
      log.push({ severity: severities[severity] ?? "", message, ephemeral });
      callback(null, new empty.Empty());
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { port, stop: () => server.forceShutdown() };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk;
      if (text.includes("\n")) resolve(text.trim());
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the stand-in ended with ${code}`)));
  });
}

function write(values: Values) {
  return struct.Struct.fromJavaScript(values as Parameters<typeof struct.Struct.fromJavaScript>[0]);
}

function read(values: InstanceType<typeof struct.Struct> | undefined): Values {
  return (values?.toJavaScript() ?? {}) as Values;
}
