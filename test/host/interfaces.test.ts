// A change of where Postfix listens: what answers is asked at the old place before it, and at the new one after it.
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { readBanner } from "../lab/smtp.ts";
import { useBench } from "./bench.ts";
import { disturbed, installGate } from "./gate.ts";
import { policy } from "./policies.ts";

const VERIFIED = "verified by handshakes with every listener\n";
const bench = useBench({});

beforeAll(async () => {
  await installGate(bench);
  await bench.host.must(`echo '${bench.host.address} wan.lab.test' >>/etc/hosts`);
});
afterEach(async () => {
  await bench.reset();
  await bench.restart();
});

/** The host as its owner has it. */
async function listening(...parameters: string[]): Promise<void> {
  await bench.host.must(`postconf -e ${parameters.map((text) => `'${text}'`).join(" ")}`);
  await bench.restart();
}

const answers = async (address: string): Promise<boolean> => {
  const socket = await bench.host.lab.connect(address, 25).catch(() => undefined);
  return socket !== undefined && (await readBanner(socket, 5_000)).startsWith("220");
};

interface Where {
  /** Those that must answer after the change, and no other does. */
  after: (4 | 6)[];
  /** The same before it, and after it was given back. */
  before: (4 | 6)[];
}

/** A change that stands, verified by what answers, and is given back in the same way. */
async function thereAndBack(lines: string[], { before, after }: Where): Promise<void> {
  const open = async () => {
    const both = [4, 6].map((family) => answers(family === 4 ? bench.host.address : bench.host.address6));
    return (await Promise.all(both)).flatMap((is, i) => (is ? [i === 0 ? 4 : 6] : []));
  };
  expect(await open()).toEqual(before);
  const found = await bench.fingerprint();
  const { activation, services, story, warnings } = await bench.apply(...lines);
  expect(activation.kind).toBe("restart");
  expect(story).toContain(VERIFIED);
  expect(warnings.map(({ code }) => code)).not.toContain("not-checkable");
  expect(services.find(({ port }) => port === 25)?.protocols).toEqual(expect.arrayContaining(["TLSv1.2", "TLSv1.3"]));
  expect(await open()).toEqual(after);
  const back = await bench.remove(...lines);
  expect(back.activation.kind).toBe("restart");
  expect(back.story).toContain(VERIFIED);
  expect(await bench.fingerprint()).toBe(found);
  expect(await open()).toEqual(before);
}

describe("inet_interfaces", () => {
  test("from all to one address, and back", async () => {
    await thereAndBack([`set inet_interfaces = ${bench.host.address}`], { before: [4, 6], after: [4] });
  });

  test("from one address to another, and back", async () => {
    await listening(`inet_interfaces = ${bench.host.address}`);
    await thereAndBack([`set inet_interfaces = ${bench.host.address6}`], { before: [4], after: [6] });
  });

  test("from all to a name, and back", async () => {
    await thereAndBack(["set inet_interfaces = $myhostname", "set myhostname = wan.lab.test"], {
      before: [4, 6],
      after: [4],
    });
  });

  test("from one address to all by a component that gives up a setting", async () => {
    await listening(`inet_interfaces = ${bench.host.address}`);
    await bench.apply("set inet_interfaces = all", "set smtpd_helo_required = yes");
    const { activation, story } = await bench.apply("set smtpd_helo_required = yes");
    expect(activation.kind).toBe("restart");
    expect(story).toContain(VERIFIED);
    expect(await bench.postconf("inet_interfaces")).toBe(bench.host.address);
  });

  // Where the first token is a name, all that was asked before was 127.0.0.1, which is closed before and after.
  test("that is the host's name already is asked there", async () => {
    await listening("inet_interfaces = $myhostname", "myhostname = wan.lab.test");
    const { services, story } = await bench.apply("tls incoming >= TLSv1.2");
    expect(story).toContain(VERIFIED);
    expect(services).toMatchObject([{ name: "smtp/inet", protocols: ["TLSv1.2", "TLSv1.3"] }]);
  });
});

describe("inet_protocols", () => {
  test("from all to ipv6, and back", async () => {
    await thereAndBack(["set inet_protocols = ipv6"], { before: [4, 6], after: [6] });
  });

  test("from ipv6 to ipv4, and back", async () => {
    await listening("inet_protocols = ipv6");
    await thereAndBack(["set inet_protocols = ipv4"], { before: [6], after: [4] });
  });
});

describe("what goes back", () => {
  // Both files change, for the second one is what fails.
  const lines = () => [`set inet_interfaces = ${bench.host.address6}`, "tls incoming >= TLSv1.2"];

  test("after a change that fails its verification is asked at the old place", async () => {
    await listening(`inet_interfaces = ${bench.host.address}`);
    const error = await bench.refused(policy(...lines(), "service 192.0.2.99:2525/inet entry n - n - - smtpd"));
    expect(error).toContain("the old configuration is back and answers as before");
    expect(await answers(bench.host.address)).toBe(true);
  });

  test("after a run that died is asked at the old place", async () => {
    await listening(`inet_interfaces = ${bench.host.address}`);
    const before = await bench.fingerprint();
    await disturbed(bench, "apply", policy(...lines()), { at: 1, text: "verify" }, "kill -KILL $$");
    expect(await answers(bench.host.address6)).toBe(true);
    const { story } = await bench.done("remove", policy(...lines()));
    expect(story).toContain("an earlier run did not end; putting /etc/postfix back as it was before it");
    expect(await bench.fingerprint()).toBe(before);
    expect(await answers(bench.host.address)).toBe(true);
  });
});
