// Words of a call that every command which reaches a host takes alike.
import { UsageError } from "./command";
import type { Become } from "./ssh";

export const reachOptions = {
  sudo: { type: "boolean" },
  doas: { type: "boolean" },
  "ssh-option": { type: "string", short: "o", multiple: true },
} as const;

export interface Reach {
  become: Become;
  /** Options for ssh, as behind its `-o`. */
  options: string[];
}

export function reachOf(values: { sudo?: boolean; doas?: boolean; "ssh-option"?: string[] }): Reach {
  const { sudo, doas, "ssh-option": options = [] } = values;
  if (sudo && doas) throw new UsageError("--sudo and --doas are two ways to become root; use one");
  if (sudo) return { become: "sudo", options };
  return { become: doas ? "doas" : "none", options };
}
