/** The engine's log: permanent messages, and passing ones that show beside a resource while it is being worked on. */
import { createRequire } from "node:module";
import type * as grpcTypes from "@grpc/grpc-js";
import engineRpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import enginePb from "@pulumi/pulumi/proto/engine_pb.js";
import { wellFormed } from "./goText.ts";

const fromPulumi = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi"));
export const grpc: typeof grpcTypes = fromPulumi("@grpc/grpc-js");

export type Severity = "DEBUG" | "INFO" | "WARNING" | "ERROR";

export interface Log {
  /** A passing message: what a running command prints. */
  status(severity: Severity, message: string): void;
  message(severity: Severity, message: string): void;
  /** Waits until the engine has everything. */
  flush(): Promise<void>;
}

export type LogFor = (urn: string) => Log;

export function engineLog(address: string | undefined): LogFor {
  if (address === undefined) return () => ({ status: () => {}, message: () => {}, flush: async () => {} });
  const client = new engineRpc.EngineClient(address, grpc.credentials.createInsecure());
  return (urn) => {
    let sent: Promise<void> = Promise.resolve();
    const send = (severity: Severity, message: string, ephemeral: boolean) => {
      const request = new enginePb.LogRequest();
      request.setSeverity(enginePb.LogSeverity[severity]);
      request.setMessage(wellFormed(message));
      request.setUrn(urn);
      request.setEphemeral(ephemeral);
      // One after the other, so that lines keep their order. A log that fails fails nothing else.
      sent = sent.then(() => new Promise((resolve) => client.log(request, () => resolve())));
    };
    return {
      status: (severity, message) => send(severity, message, true),
      message: (severity, message) => send(severity, message, false),
      flush: () => sent,
    };
  };
}
