// Fetches the policy of MTA-STS (RFC 8461, section 3.3): https with a valid certificate, and no redirect.
import { Agent, get } from "node:https";
import { isIPv6 } from "node:net";
import { checkServerIdentity } from "node:tls";
import type { Remark } from "./finding";
import { problemOf } from "./query";

type Fetched = { text: string } | { remark: Remark; refused?: true };

const most = 65_536;

/** From the first address that has it, as senders do it; each has the whole time. Null where none has. */
export async function fetchPolicy(
  host: string,
  addresses: readonly string[],
  patience: number,
): Promise<{ text: string | null; remarks: Remark[] }> {
  const remarks: Remark[] = [];
  const refusals: Remark[] = [];
  for (const address of addresses) {
    const fetched = await fetchFrom(host, address, patience);
    if ("text" in fetched) return { text: fetched.text, remarks: refusals };
    remarks.push(fetched.remark);
    if (fetched.refused) refusals.push({ ...fetched.remark, word: "warning" });
    else if (fetched.remark.word === "failed") break;
  }
  return { text: null, remarks };
}

function fetchFrom(host: string, address: string, patience: number): Promise<Fetched> {
  const url = `https://${host}/.well-known/mta-sts.txt`;
  return new Promise((resolve) => {
    const fail = (text: string): void => resolve({ remark: { word: "failed", text: `${url}: ${text}` } });
    const unknown = (text: string): void => resolve({ remark: { word: "not known", text: `${url}: ${text}` } });
    // An agent of its own, so that no connection outlives the answer.
    const agent = new Agent({ keepAlive: false });
    const request = get(
      {
        host: address,
        family: isIPv6(address) ? 6 : 4,
        path: "/.well-known/mta-sts.txt",
        headers: { host },
        servername: host,
        checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
        agent,
        signal: AbortSignal.timeout(patience),
      },
      (response) => {
        const { statusCode = 0 } = response;
        if (statusCode !== 200) {
          response.destroy();
          return fail(
            statusCode >= 300 && statusCode < 400
              ? `answers ${statusCode}, and a redirect is not followed`
              : `answers ${statusCode}`,
          );
        }
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
          if (text.length > most) {
            response.destroy();
            fail("is longer than 64 kB");
          }
        });
        response.on("end", () => resolve({ text }));
        response.on("error", () => unknown("breaks off"));
      },
    );
    request.on("error", (error: NodeJS.ErrnoException) => {
      if (error.name === "AbortError" || error.name === "TimeoutError") return unknown("does not answer");
      const problem = problemOf(error);
      if (problem === "refused") {
        const text = `${url}: ${address} refuses the connection`;
        return resolve({ remark: { word: "failed", text }, refused: true });
      }
      if (problem === "noRoute") return unknown(`this machine has no way to ${address}`);
      // What the handshake says is about the certificate.
      if (/CERT|TLS|SSL|SELF_SIGNED|ISSUER|SIGNATURE/.test(error.code ?? ""))
        return fail(`${error.message} (${error.code})`);
      unknown(error.message);
    });
  });
}
