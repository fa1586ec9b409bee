// Questions over real sockets to a name server of the test's own, which can misbehave as no real one does on demand.
import { createSocket, type Socket } from "node:dgram";
import { createServer, type Server } from "node:net";
import {
  type Answer,
  AUTHENTIC_DATA,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type Packet,
  TRUNCATED_RESPONSE,
} from "dns-packet";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Asker } from "../../../src/cli/check/asker.ts";
import { query } from "../../../src/cli/check/query.ts";

type Reply = (packet: Packet, tcp: boolean) => Buffer[];

let udp: Socket;
let tcp: Server;
let port: number;
let reply: Reply;
let asked: string[];

beforeAll(async () => {
  udp = createSocket("udp4").on("message", (bytes, from) => {
    for (const answer of reply(heard(bytes), false)) udp.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve) => udp.bind(0, "127.0.0.1", resolve));
  port = udp.address().port;
  tcp = createServer((socket) =>
    socket.once("data", (bytes) => {
      for (const answer of reply(heard(bytes.subarray(2)), true)) {
        const length = Buffer.alloc(2);
        length.writeUInt16BE(answer.length);
        // In pieces, as TCP may.
        socket.write(Buffer.concat([length, answer.subarray(0, 5)]));
        socket.end(answer.subarray(5));
      }
    }),
  );
  await new Promise<void>((resolve) => tcp.listen(port, "127.0.0.1", resolve));
});
afterAll(() => {
  udp.close();
  tcp.close();
});
beforeEach(() => {
  asked = [];
});

function heard(bytes: Buffer): Packet {
  const packet = decode(bytes);
  asked.push(packet.questions?.map(({ name, type }) => `${name} ${type}`).join() ?? "");
  return packet;
}

const soa: Answer = {
  type: "SOA",
  name: "example.com",
  ttl: 3_600,
  data: {
    mname: "ns1.example.com",
    rname: "hostmaster.example.com",
    serial: 1,
    refresh: 1,
    retry: 1,
    expire: 1,
    minimum: 300,
  },
};

function answer({ id, questions }: Packet, answers: Answer[], flags = AUTHORITATIVE_ANSWER, code = 0): Buffer {
  const authorities = answers.length === 0 ? [soa] : [];
  return encode({ type: "response", id, questions, answers, authorities, flags: flags | code });
}

const question = { name: "mx1.example.com", type: "A", recursive: false } as const;
const address = (name: string, data = "192.0.2.1"): Answer => ({ type: "A", name, ttl: 60, data });
const ask = () => query({ address: "127.0.0.1", port, patience: 400 }, question);

describe("a question", () => {
  it("goes by TCP where the answer is cut off", async () => {
    reply = (packet, byTcp) => [
      answer(
        packet,
        byTcp ? [address("mx1.example.com")] : [],
        AUTHORITATIVE_ANSWER | (byTcp ? 0 : TRUNCATED_RESPONSE),
      ),
    ];
    expect(await ask()).toMatchObject({ message: { answers: [{ text: "192.0.2.1" }] } });
  });

  it("takes no answer to another question, of another number, or that is none", async () => {
    const forged = (packet: Packet) => [
      Buffer.from("nonsense"),
      answer({ ...packet, id: ((packet.id ?? 0) + 1) % 65_536 }, [address("mx1.example.com", "203.0.113.66")]),
      answer({ ...packet, questions: [{ name: "other.example.com", type: "A", class: "IN" }] }, [
        address("other.example.com", "203.0.113.66"),
      ]),
    ];
    reply = (packet) => [...forged(packet), answer(packet, [address("mx1.example.com")])];
    expect(await ask()).toMatchObject({ message: { answers: [{ text: "192.0.2.1" }] } });
    reply = forged;
    expect(await ask()).toEqual({ problem: "silent" });
  });

  it("is sent again while nothing comes, and refused where nobody listens", async () => {
    reply = (packet) => (asked.length < 2 ? [] : [answer(packet, [address("mx1.example.com")])]);
    expect(await ask()).toMatchObject({ message: { code: "NOERROR" } });
    const other = createSocket("udp4");
    await new Promise<void>((resolve) => other.bind(0, "127.0.0.1", resolve));
    const closed = other.address().port;
    await new Promise<void>((resolve) => other.close(() => resolve()));
    expect(await query({ address: "127.0.0.1", port: closed, patience: 400 }, question)).toEqual({
      problem: "refused",
    });
  });

  it.each([
    ["FORMERR", 1],
    ["NOTIMP", 4],
  ])("to a server without EDNS, which answers %s, is asked again without", async (_, code) => {
    reply = (packet) => [
      (packet.additionals ?? []).length > 0
        ? answer(packet, [], 0, code)
        : answer(packet, [address("mx1.example.com")], AUTHORITATIVE_ANSWER),
    ];
    expect(await ask()).toMatchObject({ message: { answers: [{ text: "192.0.2.1" }] } });
    reply = (packet) => [answer(packet, [], 0, code)];
    asked = [];
    expect(await ask()).toMatchObject({ message: { code: code === 1 ? "FORMERR" : "NOTIMP" } });
    expect(asked).toHaveLength(2);
  });

  it("to where this machine has no way is not asked, and says so", async () => {
    // Of no link: the kernel refuses to connect at once, as where there is no IPv6.
    expect(await query({ address: "fe80::1", port: 53, patience: 400 }, question)).toEqual({ problem: "noRoute" });
  });
});

describe("the servers of a zone", () => {
  const asker = () => new Asker({ resolvers: ["127.0.0.1"], port, patience: 400 });
  /** A resolver and the zone's only server in one; the last word is the test's. */
  const zone = (of: (name: string, type: string) => Answer[] | "silent" | "NXDOMAIN" | "REFUSED"): Reply => {
    return (packet) => {
      const [{ name, type } = { name: "", type: "A" }] = packet.questions ?? [];
      if (type === "SOA") return [answer(packet, name === "example.com" ? [soa] : [])];
      if (type === "NS") return [answer(packet, [{ type: "NS", name, ttl: 60, data: "ns1.example.com" }])];
      if (name === "ns1.example.com") return [answer(packet, type === "A" ? [address(name, "127.0.0.1")] : [])];
      const said = of(name, type);
      if (said === "silent") return [];
      if (typeof said === "string") return [answer(packet, [], AUTHORITATIVE_ANSWER, said === "NXDOMAIN" ? 3 : 5)];
      return [answer(packet, said)];
    };
  };

  it("are found by a resolver and then asked themselves, once for each name and type", async () => {
    reply = zone((name) => [address(name.toUpperCase())]);
    const one = asker();
    const [found] = await Promise.all([one.ask("mx1.example.com", "A"), one.ask("mx1.example.com", "A")]);
    expect(found).toMatchObject({
      records: ["192.0.2.1"],
      ttl: 60,
      aliases: [],
      views: [{ name: "ns1.example.com", address: "127.0.0.1", state: "answer" }],
    });
    expect(asked.filter((text) => text === "mx1.example.com A")).toHaveLength(1);
  });

  it.each([
    ["no such name", "NXDOMAIN", { records: [], exists: false, ttl: 300 }],
    ["no such record", [], { records: [], exists: true, ttl: 300 }],
    ["a refusal", "REFUSED", { records: null, why: "no server of the zone of mx1.example.com answers" }],
    ["silence", "silent", { records: null, why: "no server of the zone of mx1.example.com answers" }],
  ] as const)("say %s", async (_, said, expected) => {
    reply = zone(() => (typeof said === "string" ? said : [...said]));
    expect(await asker().ask("mx1.example.com", "A")).toMatchObject(expected);
  });

  it("count only where they speak with authority", async () => {
    const right = zone((name) => [address(name)]);
    const flagless = (bytes: Buffer) => Buffer.from(bytes).fill((bytes[2] ?? 0) & ~4, 2, 3);
    reply = (packet, byTcp) =>
      right(packet, byTcp).map((bytes) =>
        packet.questions?.[0]?.name === "mx1.example.com" ? flagless(bytes) : bytes,
      );
    expect(await asker().ask("mx1.example.com", "A")).toMatchObject({
      records: null,
      views: [{ state: "lame", code: "not authoritative" }],
    });
  });

  it("are asked on where they only lack TCP", async () => {
    const right = zone((name) => [address(name)]);
    reply = (packet, byTcp) => {
      if (packet.questions?.[0]?.type !== "TXT") return right(packet, byTcp);
      return byTcp ? [] : [answer(packet, [], AUTHORITATIVE_ANSWER | TRUNCATED_RESPONSE)];
    };
    const one = asker();
    expect(await one.ask("example.com", "TXT")).toMatchObject({
      records: null,
      why: "no server of the zone of example.com answers by TCP, which the answer's length needs",
      views: [{ state: "silent" }],
    });
    expect(await one.ask("mx1.example.com", "A")).toMatchObject({ records: ["192.0.2.1"] });
  });

  it("lead on from a CNAME, but not for ever", async () => {
    const cname = (name: string, data: string): Answer => ({ type: "CNAME", name, ttl: 30, data });
    reply = zone((name) => (name === "a.example.com" ? [cname(name, "b.example.com")] : [address(name)]));
    expect(await asker().ask("a.example.com", "A")).toMatchObject({
      name: "a.example.com",
      records: ["192.0.2.1"],
      // As long as the whole of it may be kept.
      ttl: 30,
      aliases: ["b.example.com"],
      steps: [
        { name: "a.example.com", records: ["b.example.com."], ttl: 30 },
        { name: "b.example.com", records: ["192.0.2.1"], ttl: 60 },
      ],
    });
    reply = zone((name) => [cname(name, name === "a.example.com" ? "b.example.com" : "a.example.com")]);
    expect(await asker().ask("a.example.com", "A")).toMatchObject({
      records: null,
      why: expect.stringContaining("without end"),
    });
  });

  it.each([true, false])("are found by a resolver that verifies, or does not: %s", async (verifies) => {
    const root: Answer = { ...soa, name: "." };
    reply = (packet) => [answer(packet, [root], verifies ? AUTHENTIC_DATA : 0)];
    const one = asker();
    expect(await Promise.all([one.verifies(), one.verifies()])).toEqual([verifies, verifies]);
    expect(asked).toEqual([". SOA"]);
  });

  it("are not asked for what can't be a name", async () => {
    for (const name of ["a..example.com", `${"a".repeat(64)}.example.com`, "ä.example.com"])
      expect(await asker().ask(name, "A")).toMatchObject({ records: [], exists: false });
    expect(asked).toEqual([]);
  });
});
