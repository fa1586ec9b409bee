/** The resource `command:remote:CopyToRemote`: an upload over sftp, in place and never undone. */
import { type Connection, type Context, dial } from "./connection.ts";
import type { Failure, Shape } from "./inputs.ts";
import { openSftp } from "./sftp.ts";
import { copyPath, writeText } from "./upload.ts";
import { isArchive, isAsset, UNKNOWN, unwrap, type Value, type Values } from "./values.ts";

export const shape: Shape = {
  name: "remote.CopyToRemoteInputs",
  fields: { connection: "connection", remotePath: "string", source: "source", triggers: "list" },
  required: ["connection", "remotePath", "source"],
};

export interface CopyInputs {
  connection: Connection;
  remotePath: string;
  source: Values;
}

/** Only files, directories and texts; of a text, state keeps the whole. */
export function checkSource(inputs: Values): Failure[] {
  const source = unwrap(inputs.source);
  const wrong = (property: string, reason: string) => [{ property, reason }];
  if (source === undefined || source === null || source === UNKNOWN) return [];
  if (isAsset(source)) {
    return has(source, "path") || has(source, "text")
      ? []
      : wrong("asset", "asset must be a path-based file asset or a text asset");
  }
  if (isArchive(source))
    return has(source, "path") ? [] : wrong("archive", "archive must be a path to a file or directory");
  return wrong("asset", "either asset or archive must be set");
}

function has(source: Values, field: string): boolean {
  return typeof source[field] === "string" && source[field] !== "";
}

/** Another connection alone uploads nothing. */
export function needsCopy(old: CopyInputs, now: CopyInputs): boolean {
  return hash(old.source) !== hash(now.source) || old.remotePath !== now.remotePath;
}

function hash(source: Values | undefined): Value {
  return source?.hash ?? "";
}

export async function upload({ connection, remotePath, source }: CopyInputs, context: Context): Promise<void> {
  const client = await dial(connection, context);
  try {
    const sftp = await openSftp(client);
    if (typeof source.path === "string" && source.path !== "") await copyPath(sftp, source.path, remotePath);
    else await writeText(sftp, String(source.text), remotePath);
  } finally {
    client.end();
    await context.log.flush();
  }
}
