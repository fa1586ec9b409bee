import { Refusal } from "./refusal";
import type { ServiceName } from "./services";
import type { BlockName, TlsBlock } from "./tls";

const prefixes: Record<BlockName, readonly string[]> = {
  incoming: ["smtpd_tls_", "tlsproxy_tls_"],
  submission: ["smtpd_tls_"],
  outgoing: ["smtp_tls_", "lmtp_tls_"],
};

/** What a profile decides besides, as options of services alone: the cipher lists of main.cf hold for every service at once. */
const profileOptions = [
  "tls_medium_cipherlist",
  "tls_preempt_cipherlist",
  "tls_ffdhe_auto_groups",
  "tls_eecdh_auto_curves",
];

/** The main.cf parameters that a block decides. They are the admin's in one place only: the block. */
function managedParameters(block: TlsBlock): string[] {
  const names = ["protocols", "mandatory_protocols"];
  if (block.excludeCiphers.length > 0) names.push("exclude_ciphers");
  return prefixed(block, names);
}

/** The `-o` options that a block decides for its services. */
function managedOptions(block: TlsBlock): string[] {
  const parameters = managedParameters(block);
  return block.profile === undefined
    ? parameters
    : [...parameters, ...prefixed(block, ["ciphers", "mandatory_ciphers"]), ...profileOptions];
}

function prefixed(block: TlsBlock, names: readonly string[]): string[] {
  return prefixes[block.block].flatMap((prefix) => names.map((name) => prefix + name));
}

/** Refuses a main.cf parameter that a block decides. The submission block works by overrides of its services alone. */
export function refuseManagedSettings(
  blocks: readonly TlsBlock[],
  places: Readonly<Record<string, readonly string[]>>,
): void {
  for (const block of blocks) {
    if (block.block === "submission") continue;
    refuseManaged(block, managedParameters(block), places);
  }
}

/** Refuses an `-o` option that a block decides for that service. */
export function refuseManagedOptions(
  blocks: readonly TlsBlock[],
  service: ServiceName,
  places: Readonly<Record<string, readonly string[]>>,
): void {
  const block = blocks.find(({ block: name }) => name === blockOf(service));
  if (block !== undefined) refuseManaged(block, managedOptions(block), places);
}

function refuseManaged(
  block: TlsBlock,
  managed: readonly string[],
  places: Readonly<Record<string, readonly string[]>>,
): void {
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
