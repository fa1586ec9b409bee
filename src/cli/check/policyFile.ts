// Fetches the policy of MTA-STS (RFC 8461, section 3.3): https with a valid certificate, and no redirect.
import { Agent, get } from "node:https";
import { isIPv6 } from "node:net";
import { checkServerIdentity } from "node:tls";
import type { Remark } from "./finding";
import { problemOf } from "./query";

export type Fetched = { text: string } | { remark: Remark };

const most = 65_536;

/** From the first address that answers, as senders do it; each has the whole time. */
export async function fetchPolicy(
  host: string,
  addresses: readonly string[],
  patience: number,
): Promise<{ fetched: Fetched; refusals: Remark[] }> {
  const refusals: Remark[] = [];
  let last: Fetched = { remark: { word: "not known", text: `${host} has no address` } };
  for (const address of addresses) {
    const answer = await fetchFrom(host, address, patience);
    if (answer === "refused") {
      const text = `${host}: ${address} refuses the connection`;
      refusals.push({ word: "warning", text: `${text}, and another address has the policy` });
      last = { remark: { word: "failed", text } };
      continue;
    }
    last = answer;
    if ("text" in last || last.remark.word === "failed") break;
  }
  return { fetched: last, refusals };
}

function fetchFrom(host: string, address: string, patience: number): Promise<Fetched | "refused"> {
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
      if (problem === "refused") return resolve("refused");
      if (problem === "noRoute") return unknown(`this machine has no way to ${address}`);
      // What the handshake says is about the certificate.
      if (/CERT|TLS|SSL|SELF_SIGNED|ISSUER|SIGNATURE/.test(error.code ?? ""))
        return fail(`${error.message} (${error.code})`);
      unknown(error.message);
    });
  });
}
