// Under which names Postfix's services write: those that it gives them, whatever stands for them in master.cf.
import { expect, it } from "vitest";
import { withEachAwk } from "../hostDecision/awk.ts";
import { OPTIONS, packet, SERVICES, session } from "./collector.ts";
import { useCollector } from "./useCollector.ts";

// As Debian 13 has it for its relay.
const IDIOM = `\${multi_instance_name?{$multi_instance_name}:{postfix}}/$service_name`;
const DAY = 86_400;

const tested = useCollector();

const daysBefore = (days: number): string => new Date((tested.collector.now - days * DAY) * 1000).toISOString();

withEachAwk("a name that refers to parameters", (awk) => {
  it("is the port's own as Postfix expands it", () => {
    tested.start({
      awk,
      services: SERVICES.replace("syslog_name=postfix/smtps", `syslog_name=${IDIOM}`),
      options: OPTIONS.replace("syslog_name = postfix/smtps", `syslog_name = ${IDIOM}`),
      expanded: OPTIONS,
    });
    for (const day of [12, 10, 8, 6, 4, 2, 0]) {
      tested.collector.write("mail.log", ...session(daysBefore(day), 7, "printer[192.0.2.9]", "printer"));
      tested.collector.write("kern.log", packet(daysBefore(day), "192.0.2.9"));
    }
    tested.collector.collect();
    expect(tested.collector.verdict(465, 10)).toMatch(/^keep: port 465 is used: .* printer \(192\.0\.2\.0\/24, /);
  });

  it("is a client's of Postfix, too, so that what goes through Debian's relay is seen", () => {
    const relay = (name: string): string => `${OPTIONS}relay/unix/syslog_name = ${name}\n`;
    tested.start({
      awk,
      outgoing: true,
      services: `${SERVICES}relay unix - - y - - smtp -o syslog_name=${IDIOM}\n`,
      options: relay(IDIOM),
      expanded: relay("postfix/relay"),
    });
    const tls = (name: string, to: string, version: string): string =>
      `${name}/smtp[9]: Untrusted TLS connection established to ${to}:25: ${version} with cipher AES128-SHA (128/128 bits)`;
    for (const day of [12, 10, 8, 6, 4, 2, 0])
      tested.collector.write(
        "mail.log",
        `${daysBefore(day)} mx1 ${tls("postfix", "mx.example.org[192.0.2.5]", "TLSv1.3")}`,
        `${daysBefore(day)} mx1 ${tls("postfix/relay", "exchange.example.com[10.0.0.5]", "TLSv1")}`,
      );
    tested.collector.collect();
    expect(tested.collector.floor("outgoing", 10)).toMatch(
      /^keep: .* would cut off 10\.0\.0\.0\/24 on port 25 \(TLSv1, /,
    );
  });

  it("that nobody can expand is not distinct", () => {
    tested.start({ awk, clientPorts: true, options: OPTIONS.replace("= postfix/smtps", "= $somewhere/smtps") });
    tested.collector.write(
      "mail.log",
      ...session(daysBefore(2), 7, "x[192.0.2.1]"),
      ...session(daysBefore(0), 7, "x[192.0.2.1]"),
    );
    tested.collector.write("kern.log", packet(daysBefore(1), "192.0.2.1"));
    tested.collector.collect();
    expect(tested.collector.verdict(465, 1)).toMatch(
      /^not enough evidence: the service on port 465 logs under the same name /,
    );
  });
});
