// The gate before IPv6: what it sees on a real mail host that is its own name server, and that it changes nothing.
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { renderPolicy } from "../../src/policy/render.ts";
import { update } from "../lab/bind.ts";
import type { Host } from "../lab/host.ts";
import { PROGRAM } from "./bench.ts";
import { pointerOf, type Run, useDnsBench } from "./dnsBench.ts";

const bench = useDnsBench();
let host: Host;
let settings: string;

beforeAll(async () => {
  host = bench.host;
  await host.must(`openssl req -x509 -nodes -days 30 -newkey rsa:2048 -subj /CN=issuer -keyout /root/ca.key -out /root/ca.crt
    openssl req -nodes -newkey rsa:2048 -subj /CN=mx1.lab.test -keyout /root/mx.key -out /root/mx.csr
    openssl x509 -req -in /root/mx.csr -CA /root/ca.crt -CAkey /root/ca.key -days 30 -out /root/mx.crt
    cat /root/mx.key /root/mx.crt /root/ca.crt >/etc/postfix/chain.pem && chmod 600 /etc/postfix/chain.pem
    postconf -e smtpd_tls_chain_files=/etc/postfix/chain.pem`);
  settings = await host.must("cat /etc/postfix/main.cf");
});
beforeEach(async () => {
  await host.write("/etc/postfix/main.cf", settings);
  await host.must("postconf -MX dual/inet 2>/dev/null; ip -6 addr del fd77:0:0:1::abcd/64 dev host0 2>/dev/null; true");
  await configure();
  await point("mx1.lab.test.");
});

/** Postfix's settings, taken into use. */
async function configure(...parameters: string[]): Promise<void> {
  await host.must(
    `postconf -e inet_interfaces=all inet_protocols=all ${parameters.join(" ")} && systemctl reset-failed postfix 'postfix@*'; systemctl restart postfix`,
  );
  await host.waitForSmtp();
}

/** The reverse name of the host's IPv6 address. */
async function point(to: string | undefined): Promise<void> {
  const name = pointerOf(host.address6);
  await update(host, "7.7.d.f.ip6.arpa", [
    `del ${name} PTR`,
    ...(to === undefined ? [] : [`add ${name} 300 PTR ${to}`]),
  ]);
}

function look(...lines: [keyword: "gate" | "ask" | "tlsa", rest: string][]): Promise<Run> {
  const owner = "org/proj/dev/mailhost:index:MailDns/lab.test gate mx1.lab.test";
  const usual = lines.some(([keyword]) => keyword === "gate")
    ? []
    : [["gate", `mx1.lab.test. ${host.address6}`] as const];
  const all = [...usual, ...lines].map(([keyword, rest]) => ({ keyword, rest }));
  return bench.run("apply", renderPolicy([{ keyword: "owner", rest: owner }, ...all]));
}

async function shut(...lines: Parameters<typeof look>): Promise<string> {
  const { status, error, stderr } = await look(...lines);
  if (status !== 1) throw new Error(`status ${status} of a gate that should be shut\n${stderr}`);
  return error.replace("the gate of mx1.lab.test is shut: ", "");
}

async function open(...lines: Parameters<typeof look>): Promise<string> {
  const { status, stderr } = await look(...lines);
  if (status !== 0) throw new Error(`status ${status} of a gate that should be open\n${stderr}`);
  return stderr;
}

const hash = (certificate: string) =>
  host
    .must(`openssl x509 -in ${certificate} -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum`)
    .then((text) => text.slice(0, 64));

describe("the gate is open", () => {
  test("where Postfix answers there and sends from there, and its reverse name is right; nothing is left", async () => {
    const before = await host.must("cd /etc/postfix && find . -type f -exec sha256sum {} + | sort");
    const story = await open();
    expect(story).toBe(`mx1: gate: Postfix answers on [${host.address6}]:25 with STARTTLS
mx1: gate: this host sends over IPv6 from ${host.address6}
mx1: gate: ${host.address6} leads to mx1.lab.test, says this host's resolver
`);
    expect(await host.must("cd /etc/postfix && find . -type f -exec sha256sum {} + | sort")).toBe(before);
    expect((await host.exec("test -e /var/lib/mailhost")).status).toBe(1);
    expect(await open(["ask", "127.0.0.1"])).toContain("says 127.0.0.1");
  });

  test("behind a postscreen, which greets a stranger after six seconds", async () => {
    await host.must(
      "postconf -M smtp/inet='smtp inet n - y - 1 postscreen' smtpd/pass='smtpd pass - - y - - smtpd' && postfix reload",
    );
    try {
      expect(await open()).toContain(`Postfix answers on [${host.address6}]:25 with STARTTLS`);
    } finally {
      await host.must("postconf -M smtp/inet='smtp inet n - y - - smtpd' && postconf -MX smtpd/pass && postfix reload");
    }
  });

  test("where only the sending side is limited to IPv4, by an option of its service (F2)", async () => {
    await host.must("postconf -P smtp/unix/inet_protocols=ipv4");
    try {
      expect(await open()).toContain("this host sends over IPv4 only");
    } finally {
      await host.must("postconf -PX smtp/unix/inet_protocols");
    }
  });

  test("with the hash of its key or of its issuer's, and next ones beside it", async () => {
    const next = `3 1 1 ${"ab".repeat(32)}`;
    expect(await open(["tlsa", `3 1 1 ${await hash("/root/mx.crt")}`], ["tlsa", next])).toContain(
      "1 TLSA of 2 fit the certificates in use (1)",
    );
    expect(await open(["tlsa", `2 1 1 ${await hash("/root/ca.crt")}`])).toContain("1 TLSA of 1");
    const gate: ["gate", string] = ["gate", `mx1.lab.test. ${host.address}`];
    expect(await open(gate, ["tlsa", `3 1 1 ${await hash("/root/mx.crt")}`])).not.toContain("sends over");
    const translated: ["gate", string] = ["gate", "mx1.lab.test. 192.0.2.1"];
    expect(await open(translated, ["tlsa", `3 1 1 ${await hash("/root/mx.crt")}`])).toContain("1 TLSA of 1");
    expect(await shut(translated, ["tlsa", next])).toContain("no TLSA record of it fits its RSA certificate");
  });
});

describe("the gate is shut", () => {
  test("where inet_protocols leaves IPv6 out (F10), and where inet_interfaces does", async () => {
    await configure("inet_protocols=ipv4");
    expect(await shut()).toBe(
      `nothing listens on [${host.address6}]:25, and inet_protocols is "ipv4"; set it to all and restart Postfix`,
    );
    await configure(`inet_interfaces=${host.address}`);
    expect(await shut()).toContain("look at inet_interfaces in main.cf");
  });

  test("where settings say all, but Postfix was not restarted since", async () => {
    await configure("inet_protocols=ipv4");
    await host.must("postconf -e inet_protocols=all && postfix reload");
    expect(await shut()).toContain("then restart Postfix");
  });

  test("where it offers no STARTTLS, or says nothing", async () => {
    await configure("smtpd_tls_security_level=none");
    expect(await shut()).toContain("but offers no STARTTLS");
    await host.must("postconf -e smtpd_tls_security_level=may && ip6tables -I INPUT -p tcp --dport 25 -j DROP");
    try {
      expect(await shut()).toContain(`there is no 220 on [${host.address6}]:25`);
    } finally {
      await host.must("ip6tables -D INPUT -p tcp --dport 25 -j DROP");
    }
  });

  test("where the address is not the host's", async () => {
    expect(await shut(["gate", "mx1.lab.test. 2001:db8::1"])).toContain("2001:db8::1 is no address of this host");
  });

  test("where the host sends from another address (F11), until Postfix binds to the published one", async () => {
    await host.must(
      "ip -6 addr add fd77:0:0:1::abcd/64 dev host0 nodad && ip -6 route change default via fd77:0:0:1::1 src fd77:0:0:1::abcd",
    );
    try {
      expect(await shut()).toBe(
        `this host sends over IPv6 from fd77:0:0:1::abcd, not from ${host.address6}; set smtp_bind_address6 = ${host.address6}, or have no temporary addresses`,
      );
      await configure(`smtp_bind_address6=${host.address6}`);
      await open();
    } finally {
      await host.must("ip -6 route change default via fd77:0:0:1::1");
    }
  });

  test("where the reverse name is another's, and in other words where none is known", async () => {
    await point("other.lab.test.");
    expect(await shut()).toContain(`the reverse name of ${host.address6} is other.lab.test., not mx1.lab.test.`);
    await point(undefined);
    expect(await shut()).toContain(`the reverse name of ${host.address6} is not known to this host's resolver`);
    expect(await shut(["ask", "127.0.0.9"])).toContain("is not known to 127.0.0.9");
  });

  test("where no hash fits the certificate in use, and names the one that would", async () => {
    const of = await hash("/root/mx.crt");
    expect(await shut(["tlsa", `3 1 1 ${"ab".repeat(32)}`])).toContain(`the one that does is 3 1 1 ${of}`);
    expect(await shut(["tlsa", `2 1 1 ${of}`])).toContain("no TLSA record of it fits");
  });

  test("where a second certificate, which some senders get instead, fits none", async () => {
    await host.must(`openssl req -x509 -nodes -days 30 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -subj /CN=mx1.lab.test \
      -keyout /root/ec.key -out /root/ec.crt && cat /root/ec.key /root/ec.crt >/etc/postfix/ec.pem`);
    await configure("smtpd_tls_chain_files=/etc/postfix/chain.pem,/etc/postfix/ec.pem");
    const [rsa, ecdsa] = await Promise.all(["/root/mx.crt", "/root/ec.crt"].map(hash));
    const of = (kind: string, right?: string) =>
      `no TLSA record of it fits its ${kind} certificate, which is in use; the one that does is 3 1 1 ${right}`;
    expect(await shut(["tlsa", `3 1 1 ${rsa}`])).toBe(of("ECDSA", ecdsa));
    expect(await shut(["tlsa", `3 1 1 ${ecdsa}`])).toBe(of("RSA", rsa));
    expect(await open(["tlsa", `3 1 1 ${rsa}`], ["tlsa", `3 1 1 ${ecdsa}`])).toContain(
      "2 TLSA of 2 fit the certificates in use (2)",
    );
  });
});

test("it runs as every shell of a host reads it", async () => {
  for (const shell of ["dash", "bash --posix", "busybox sh"]) {
    const { status, stderr } = await host.exec(`${shell} ${PROGRAM} apply mx1`, {
      stdin: renderPolicy([
        { keyword: "owner", rest: "o/p/s/t/n gate" },
        { keyword: "gate", rest: `mx1.lab.test. ${host.address6}` },
      ]),
    });
    expect(status, `${shell}: ${stderr}`).toBe(0);
  }
});
