import { Refusal } from "./refusal";
import type { ServiceName } from "./services";
import type { BlockName, TlsBlock } from "./tls";

/** Global parameters that a profile needs: cipher lists of main.cf hold for every block at once. */
const profileParameters = ["tls_medium_cipherlist", "tls_preempt_cipherlist", "tls_ffdhe_auto_groups"];

const prefixes: Record<BlockName, readonly string[]> = {
  incoming: ["smtpd_tls_"],
  submission: ["smtpd_tls_"],
  outgoing: ["smtp_tls_", "lmtp_tls_"],
};

/** The parameters that a block decides. They are the admin's in one place only: the block. */
export function managedParameters(block: TlsBlock): string[] {
  const names = ["protocols", "mandatory_protocols"];
  if (block.profile !== undefined) names.push("ciphers", "mandatory_ciphers");
  if (block.excludeCiphers.length > 0) names.push("exclude_ciphers", "mandatory_exclude_ciphers");
  const own = prefixes[block.block].flatMap((prefix) => names.map((name) => prefix + name));
  return block.profile === undefined ? own : [...own, ...profileParameters];
}

/** Refuses a main.cf parameter that a block decides. The submission block works by overrides of its services alone. */
export function refuseManagedSettings(
  blocks: readonly TlsBlock[],
  places: Readonly<Record<string, readonly string[]>>,
): void {
  for (const block of blocks) {
    if (block.block === "submission") continue;
    refuseManaged(block, places);
  }
}

/** Refuses an `-o` option that a block decides for that service. */
export function refuseManagedOptions(
  blocks: readonly TlsBlock[],
  service: ServiceName,
  places: Readonly<Record<string, readonly string[]>>,
): void {
  const block = blocks.find(({ block: name }) => name === blockOf(service));
  if (block !== undefined) refuseManaged(block, places);
}

function refuseManaged(block: TlsBlock, places: Readonly<Record<string, readonly string[]>>): void {
  const managed = managedParameters(block);
  for (const [argument, names] of Object.entries(places)) {
    const name = names.find((candidate) => managed.includes(candidate));
    if (name !== undefined) {
      throw new Refusal(argument, `names ${name}, which tls.${block.block} decides; use one of the two`);
    }
  }
}

const blockOfPort = new Map<number, BlockName>([
  [25, "incoming"],
  [465, "submission"],
  [587, "submission"],
]);
const clients = ["smtp/unix", "relay/unix", "lmtp/unix"];

function blockOf(service: ServiceName): BlockName | undefined {
  if (service.port !== undefined) return blockOfPort.get(service.port);
  return clients.includes(service.key) ? "outgoing" : undefined;
}
