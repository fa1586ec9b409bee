// Whose handshakes are asked before a TLS floor is raised: all that the floor would act on.
import { describe, expect, it } from "vitest";
import { withEachAwk } from "../hostDecision/awk.ts";
import { OPTIONS, SERVICES } from "./collector.ts";
import { useCollector } from "./useCollector.ts";

const DAY = 86_400;

const tested = useCollector();

const stamp = (time: number): string => new Date(time * 1000).toISOString();

/** A handshake a day of each service, "NAME VERSION". */
function handshakes(days: number, ...services: string[]): void {
  for (let day = days; day >= 0; day -= 1)
    for (const service of services) {
      const [name, version] = service.split(" ");
      const tls = `Anonymous TLS connection established from x[192.0.2.1]: ${version} with cipher AES128-SHA (128/128 bits)`;
      tested.collector.write("mail.log", `${stamp(tested.collector.now - day * DAY)} mx1 ${name}/smtpd[1]: ${tls}`);
    }
}

withEachAwk("the floor of incoming", (awk) => {
  it("asks about every service that main.cf is for", () => {
    tested.start({
      awk,
      services: `${SERVICES}2525 inet n - y - - smtpd -o syslog_name=postfix/relayed\n`,
      options: `${OPTIONS}2525/inet/syslog_name = postfix/relayed\n`,
    });
    handshakes(12, "postfix TLSv1.3", "postfix/submission TLSv1.1", "postfix/relayed TLSv1");
    tested.collector.collect();
    expect(tested.collector.floor("incoming", 10)).toMatch(
      /^keep: TLSv1\.2 as the floor of incoming would cut off .*192\.0\.2\.0\/24 on port (587|2525) \(TLSv1/,
    );
    expect(tested.collector.floor("incoming", 10)).toMatch(/on port 587 \(TLSv1\.1, /);
    expect(tested.collector.floor("incoming", 10)).toMatch(/on port 2525 \(TLSv1, /);
  });
});

describe("a service of submission", () => {
  const own = (...options: string[]): string =>
    OPTIONS + options.map((option) => `submission/inet/${option}\n`).join("");

  it.each([
    ["both protocol lists", own("smtpd_tls_protocols = >=TLSv1", "smtpd_tls_mandatory_protocols = >=TLSv1")],
    ["TLS that is mandatory", own("smtpd_tls_security_level = encrypt", "smtpd_tls_mandatory_protocols = >=TLSv1")],
  ])("is none of incoming's with %s of its own", (_, options) => {
    tested.start({ options });
    handshakes(12, "postfix TLSv1.3", "postfix/submission TLSv1");
    tested.collector.collect();
    expect(tested.collector.floor("incoming", 10)).toMatch(/^raise: all \d+ handshakes of incoming /);
    expect(tested.collector.floor("submission", 10)).toMatch(/^keep: .* on port 587 \(TLSv1, /);
  });

  it.each([
    ["one list alone, which may not be the one that counts", own("smtpd_tls_mandatory_protocols = >=TLSv1")],
    [
      "a list that says what main.cf says",
      own("smtpd_tls_protocols = >=TLSv1", "smtpd_tls_mandatory_protocols = $smtpd_tls_protocols"),
    ],
  ])("is asked about with %s", (_, options) => {
    tested.start({ options });
    handshakes(12, "postfix TLSv1.3", "postfix/submission TLSv1");
    tested.collector.collect();
    expect(tested.collector.floor("incoming", 10)).toMatch(/^keep: .* on port 587 \(TLSv1, /);
  });

  it("is asked about while another one on its port has no lists of its own", () => {
    const lists = ["smtpd_tls_protocols = >=TLSv1", "smtpd_tls_mandatory_protocols = >=TLSv1"];
    tested.start({
      services: `${SERVICES}127.0.0.1:587 inet n - y - - smtpd -o syslog_name=postfix/submission\n`,
      options: `${own(...lists)}127.0.0.1:587/inet/syslog_name = postfix/submission\n`,
    });
    handshakes(12, "postfix TLSv1.3", "postfix/submission TLSv1");
    tested.collector.collect();
    expect(tested.collector.floor("incoming", 10)).toMatch(/^keep: .* on port 587 \(TLSv1, /);
  });
});
