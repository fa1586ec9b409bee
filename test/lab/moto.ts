// A Route 53 API on loopback: moto's server, inside a lab where there is one.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type ListResourceRecordSetsCommandOutput, Route53 } from "@aws-sdk/client-route-53";
import { until } from "./run.ts";
import { ensureVenv } from "./venv.ts";

export async function ensureMoto(): Promise<string> {
  return join(await ensureVenv("moto", ["moto[route53]==5.2.*", "flask", "flask-cors"]), "bin", "moto_server");
}

/** What moto takes for an account. */
const credentials = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_REGION: "us-east-1" };

export class Moto {
  readonly #server: ChildProcess;
  readonly endpoint: string;
  readonly #client: Route53;

  private constructor(server: ChildProcess, endpoint: string) {
    this.#server = server;
    this.endpoint = endpoint;
    this.#client = new Route53({
      region: credentials.AWS_REGION,
      endpoint,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
  }

  static async start(): Promise<Moto> {
    const server = spawn(await ensureMoto(), ["--host", "127.0.0.1", "--port", "0"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    server.unref();
    let said = "";
    server.stderr?.on("data", (data) => {
      said += String(data);
    });
    const endpoint = await until("moto", async () => {
      if (server.exitCode !== null) throw new Error(`moto ended: ${said}`);
      return /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1];
    });
    return new Moto(server, endpoint);
  }

  /** For a program that is to meet this API and none other. */
  get env(): Record<string, string> {
    return { ...credentials, AWS_ENDPOINT_URL: this.endpoint, AWS_EC2_METADATA_DISABLED: "true" };
  }

  async createZone(name: string): Promise<string> {
    const { HostedZone } = await this.#client.createHostedZone({
      Name: name,
      CallerReference: `${name} ${Date.now()}`,
    });
    return HostedZone?.Id?.replace("/hostedzone/", "") ?? "";
  }

  /** A new bucket of its object store, as the engine is told of it. */
  async createBucket(name: string): Promise<string> {
    const { status } = await fetch(`${this.endpoint}/${name}`, { method: "PUT" });
    if (status !== 200) throw new Error(`moto: bucket ${name}: status ${status}`);
    const options = { region: credentials.AWS_REGION, endpoint: this.endpoint, s3ForcePathStyle: "true" };
    return `s3://${name}?${new URLSearchParams(options)}`;
  }

  /** What is in a zone besides SOA and NS, as `NAME TTL TYPE VALUE`, sorted. */
  async records(zoneId: string): Promise<string[]> {
    return recordTexts(await this.#client.listResourceRecordSets({ HostedZoneId: zoneId }));
  }

  /** A record of someone else's. */
  async put(zoneId: string, name: string, type: "A" | "MX" | "PTR", value: string): Promise<void> {
    const set = { Name: name, Type: type, TTL: 60, ResourceRecords: [{ Value: value }] };
    await this.#client.changeResourceRecordSets({
      HostedZoneId: zoneId,
      ChangeBatch: { Changes: [{ Action: "CREATE", ResourceRecordSet: set }] },
    });
  }

  async stop(): Promise<void> {
    if (this.#server.exitCode !== null) return;
    this.#server.ref();
    const ended = once(this.#server, "exit");
    this.#server.kill();
    await ended;
  }
}

function recordTexts({ ResourceRecordSets = [] }: ListResourceRecordSetsCommandOutput): string[] {
  return ResourceRecordSets.filter(({ Type }) => Type !== "SOA" && Type !== "NS")
    .flatMap(({ Name, TTL, Type, ResourceRecords = [] }) =>
      ResourceRecords.map(({ Value }) => `${Name} ${TTL} ${Type} ${Value}`),
    )
    .sort();
}
