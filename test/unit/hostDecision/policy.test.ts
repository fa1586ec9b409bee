// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Postfix writes ${name}.
import { expect, it } from "vitest";
import { policyReader, runAwk, withEachAwk } from "./awk.ts";
import { policyWords } from "./decide.ts";

const head = ["policy   1", "owner    o/p/s/t/n"];
const tail = ["activate reload", "destroy  keep"];

/** A policy of these lines, right but for them. */
function policy(...lines: string[]): string {
  const isRepair = (line: string) => line.startsWith("repair ");
  const all = [...head, ...lines.filter((line) => !isRepair(line)), ...tail, ...lines.filter(isRepair)];
  return all.map((line) => `${line}\n`).join("");
}

withEachAwk("the reader of policies", (awk) => {
  const words = (...lines: string[]) =>
    policyWords(policy(...lines), awk)
      .trimEnd()
      .split("\n");
  const read = (...lines: string[]) =>
    words(...lines)
      .slice(1, -2)
      .map((line) => line.split("\t"));

  it.each<[line: string, ...words: string[]]>([
    ["former   o/p/s/t/old name", "former", "o/p/s/t/old name"],
    ["config   /etc/postfix out", "config", "/etc/postfix out"],
    ["shared   Ansible", "shared", "Ansible"],
    ["allow    weaker", "allow", "weaker"],
    ["override fix", "override", "fix"],
    ["tls      incoming >= TLSv1", "tls", "incoming", "TLSv1"],
    ["tls      submission >= TLSv1.3", "tls", "submission", "TLSv1.3"],
    ["ciphers  outgoing intermediate", "ciphers", "outgoing", "intermediate"],
    ["exclude  incoming AES128-SHA RC4", "exclude", "incoming", "AES128-SHA RC4"],
    ["secret   smtp_sasl_x revision 12", "secret", "smtp_sasl_x", "12"],
    ["set      a = b = c  $d # 'e' \"f\" \\ %s & ü 🎩", "set", "a", "b = c  $d # 'e' \"f\" \\ %s & ü 🎩"],
    ["set      a = =", "set", "a", "="],
    ["set      a = = b", "set", "a", "= b"],
    ["empty    smtp-amavis_x.y", "empty", "smtp-amavis_x.y"],
    ["unset    a", "unset", "a"],
    ["service  smtps/inet enable", "service", "smtps/inet", "enable"],
    ["service  [::1]:465/inet disable", "service", "[::1]:465/inet", "disable"],
    [
      "service  x/unix-dgram entry n y - 60? 0 smtpd -v  a",
      "service",
      "x/unix-dgram",
      "entry",
      "n y - 60? 0 smtpd -v  a",
    ],
    ["option   smtp/inet a = { b = c }", "option", "smtp/inet", "a", "{ b = c }"],
    ["option   smtp/inet a =", "option", "smtp/inet", "a", ""],
    ["drop     smtp/inet a", "drop", "smtp/inet", "a"],
  ])("reads %j", (line, ...meant) => {
    expect(read(line)).toEqual([meant]);
  });

  it("reads a guard of a floor, which its own tls line names", () => {
    const text = (guards: string, tls: string) =>
      `policy   1\n${guards}owner    o\nevidence tls\n${tls}activate reload\ndestroy  keep\n`;
    const guard = "guard    unused incoming 90\n";
    expect(policyWords(text(guard, "tls      incoming >= TLSv1.2\n"), awk)).toMatch(
      /^guard\tunused\tincoming\t90\nowner\to\nevidence\ttls\ntls\tincoming\tTLSv1.2\n/,
    );
    expect(() => policyWords(text(guard, "tls      outgoing >= TLSv1.2\n"), awk)).toThrow(
      "the guard of incoming has no tls line",
    );
    for (const odd of ["unused 25 90", "unused relay 90", "unused incoming 0", "quiet incoming 90", "idle incoming 90"])
      expect(() => policyWords(text(`guard    ${odd}\n`, ""), awk)).toThrow(`"${odd}" is no guard`);
  });

  it("reads a guard, before its owner", () => {
    const text =
      "policy   1\nguard    quiet 465 180\ndespite  x y\nrefused  hold\nowner    o\nactivate reload\ndestroy  keep\n";
    expect(policyWords(text, awk)).toMatch(/^guard\tquiet\t465\t180\ndespite\tx y\nrefused\thold\nowner\to\n/);
  });

  it("reads activate, destroy and repair", () => {
    const text = ["policy   1", "owner    o", "activate restart", "destroy  restore", "repair   3", ""].join("\n");
    expect(policyWords(text, awk)).toBe("owner\to\nactivate\trestart\ndestroy\trestore\nrepair\t3\n");
  });

  it("reads for how long to drain", () => {
    for (const seconds of [0, 60, 3600]) {
      const words = policyWords(policy().replace("reload", `drain ${seconds}`), awk);
      expect(words).toContain(`activate\tdrain ${seconds}\n`);
    }
  });

  it("lets an empty line at the end pass, for `pulumi stack output` adds one", () => {
    expect(policyWords(`${policy()}\n`, awk)).toBe(policyWords(policy(), awk));
  });

  it.each<[about: string, text: string, refusal: string]>([
    ["nothing", "", "the policy is empty"],
    [
      "another version",
      policy().replace("policy   1", "policy   2"),
      'policy line 1: this program reads policy 1, not "policy   2"; use the one that belongs to what wrote the policy',
    ],
    [
      "no version",
      policy().replace("policy   1\n", ""),
      'policy line 1: this program reads policy 1, not "owner    o/p/s/t/n"; use the one that belongs to what wrote the policy',
    ],
    ["no owner", policy().replace(/owner.*\n/, ""), "a policy has one owner line"],
    ["two owners", policy("owner    p"), 'policy line 3: "owner    p" is the second line on owner'],
    ["no activate", policy().replace(/activate.*\n/, ""), "a policy has one activate line"],
    ["no destroy, as when the end is cut off", policy().replace(/destroy.*\n/, ""), "a policy has one destroy line"],
    ["a cut last line", policy().slice(0, -2), 'policy line 4: "kee" is not known after destroy'],
    ["an unknown keyword", policy("sett     a = b"), 'policy line 3: "sett     a = b" is no line of a policy'],
    ["an empty line", policy(""), "policy line 4: an empty line before it"],
    ["a keyword alone", policy("set"), 'policy line 3: "set" is no line of a policy'],
    ["a keyword and blanks", policy("shared   "), 'policy line 3: "shared   " is no line of a policy'],
    ["a narrow keyword", policy("set a = b"), 'policy line 3: "set a = b" is no line of a policy'],
    ["an indented keyword", policy(" set     a = b"), 'policy line 3: " set     a = b" is no line of a policy'],
    ["a blank too many", policy("set       a = b"), 'policy line 3: "set       a = b" is no line of a policy'],
    ["a blank at the end", policy("set      a = b "), 'policy line 3: "set      a = b " is no line of a policy'],
    ["a tab", policy("set      a = b\tc"), "policy line 3: a control character"],
    ["CRLF", policy().replaceAll("\n", "\r\n"), "policy line 1: a control character"],
    ["an escape", policy("set      a = \u001b[2J"), "policy line 3: a control character"],
    ["a delete", policy("set      a = \u007f"), "policy line 3: a control character"],
    [
      "keywords out of order",
      policy("set      a = b", "allow    weaker"),
      'policy line 4: "allow    weaker" is out of order',
    ],
    ["lines out of order", policy("unset    b", "unset    a"), 'policy line 4: "unset    a" is out of order'],
    [
      "order by another rule than bytes",
      policy("unset    a", "unset    B"),
      'policy line 4: "unset    B" is out of order',
    ],
    ["a line twice", policy("unset    a", "unset    a"), 'policy line 4: "unset    a" is out of order'],
    [
      "a relative directory",
      policy("config   etc/postfix"),
      'policy line 3: config takes a directory from the root on, not "etc/postfix"',
    ],
    [
      "two directories",
      policy("config   /a", "config   /b"),
      'policy line 4: "config   /b" is the second line on config',
    ],
    ["allow", policy("allow    all"), 'policy line 3: "all" is not known after allow'],
    ["override", policy("override report"), 'policy line 3: "report" is not known after override'],
    ["activate", policy().replace("reload", "stop"), 'policy line 3: "stop" is not known after activate'],
    ["drain", policy().replace("reload", "drain"), 'policy line 3: "drain" is not known after activate'],
    ["drain", policy().replace("reload", "drain 1h"), 'policy line 3: "drain 1h" is not known after activate'],
    [
      "drain for long",
      policy().replace("reload", "drain 3601"),
      "policy line 3: drain takes at most 3600 seconds, not 3601",
    ],
    [
      "an option among an entry's words",
      policy("service  smtp/inet entry n - y - - smtpd -o"),
      'policy line 3: "smtp/inet entry n - y - - smtpd -o" has an -o option; write option lines',
    ],
    ["destroy", policy().replace("keep", "all"), 'policy line 4: "all" is not known after destroy'],
    ["repair", policy("repair   x"), 'policy line 5: repair takes a whole number, not "x"'],
    [
      "a block",
      policy("tls      inbound >= TLSv1.2"),
      'policy line 3: "inbound" is no block; there are incoming, submission and outgoing',
    ],
    ["a version", policy("tls      incoming >= TLSv1.4"), 'policy line 3: "incoming >= TLSv1.4" is no floor'],
    ["SSL", policy("tls      incoming >= SSLv3"), 'policy line 3: "incoming >= SSLv3" is no floor'],
    ["a floor without >=", policy("tls      incoming = TLSv1.2"), 'policy line 3: "incoming = TLSv1.2" is no floor'],
    ["blanks in a floor", policy("tls      incoming >=  TLSv1.2"), 'policy line 3: "incoming >=  TLSv1.2" is no floor'],
    [
      "two floors",
      policy("tls      incoming >= TLSv1.1", "tls      incoming >= TLSv1.2"),
      'policy line 4: "tls      incoming >= TLSv1.2" is the second line on tls incoming',
    ],
    ["a profile", policy("ciphers  incoming old"), 'policy line 3: "incoming old" is no profile'],
    ["no cipher", policy("exclude  incoming"), 'policy line 3: "incoming" is no list of ciphers'],
    ["a cipher", policy("exclude  incoming RC4:MD5"), 'policy line 3: "incoming RC4:MD5" is no list of ciphers'],
    ["a secret without a revision", policy("secret   a"), 'policy line 3: "a" is no secret'],
    ["a secret with its value", policy("secret   a revision x"), 'policy line 3: "a revision x" is no secret'],
    ["a setting without =", policy("set      a"), 'policy line 3: "a" has no " = "'],
    ["a setting without blanks", policy("set      a=b"), 'policy line 3: "a=b" has no " = "'],
    ["a setting without a value", policy("set      a ="), 'policy line 3: "a =" is no setting'],
    ["a blank before a value", policy("set      a =  b"), 'policy line 3: "a =  b" has a blank before its value'],
    ["a parameter name", policy("set      a b = c"), 'policy line 3: "a b = c" is no setting'],
    ["a parameter name for empty", policy("empty    a = b"), 'policy line 3: "a = b" is no parameter name'],
    ["a parameter name for unset", policy("unset    -a"), 'policy line 3: "-a" is no parameter name'],
    [
      "two values",
      policy("set      a = 1", "set      a = 2"),
      'policy line 4: "set      a = 2" is the second line on a',
    ],
    ["a value and none", policy("set      a = 1", "unset    a"), 'policy line 4: "unset    a" is the second line on a'],
    ["a service without a type", policy("service  smtp enable"), 'policy line 3: "smtp enable" is no service'],
    ["a service of no type", policy("service  smtp/tcp enable"), 'policy line 3: "smtp/tcp enable" is no service'],
    [
      "a service's state",
      policy("service  smtp/inet on"),
      'policy line 3: "smtp/inet on" is neither enable, disable nor entry with its fields',
    ],
    [
      "two states",
      policy("service  smtp/inet disable", "service  smtp/inet enable"),
      'policy line 4: "service  smtp/inet enable" is the second line on smtp/inet',
    ],
    [
      "too few fields",
      policy("service  smtp/inet entry n - y - smtpd"),
      'policy line 3: "smtp/inet entry n - y - smtpd" is neither enable, disable nor entry with its fields',
    ],
    [
      "a field",
      policy("service  smtp/inet entry n - x - - smtpd"),
      'policy line 3: "smtp/inet entry n - x - - smtpd" is neither enable, disable nor entry with its fields',
    ],
    [
      "no command",
      policy("service  smtp/inet entry n - y - - -v"),
      'policy line 3: "smtp/inet entry n - y - - -v" is neither enable, disable nor entry with its fields',
    ],
    ["an option without =", policy("option   smtp/inet a"), 'policy line 3: "a" has no " = "'],
    ["an option of no service", policy("option   smtp a = b"), 'policy line 3: "smtp a = b" is no option'],
    ["an option of no name", policy("option   smtp/inet = b"), 'policy line 3: "= b" has no " = "'],
    ["an option's name", policy("option   smtp/inet a b = c"), 'policy line 3: "smtp/inet a b = c" is no option'],
    [
      "an option set and dropped",
      policy("option   smtp/inet a = b", "drop     smtp/inet a"),
      'policy line 4: "drop     smtp/inet a" is the second line on smtp/inet a',
    ],
    ["a drop without a name", policy("drop     smtp/inet"), 'policy line 3: "smtp/inet" is no option'],
    ["a drop with a value", policy("drop     smtp/inet a = b"), 'policy line 3: "smtp/inet a = b" is no option'],
  ])("refuses %s", (_, text, refusal) => {
    const { status, stdout, stderr } = runAwk(awk, policyReader, text);
    expect({ status, last: stdout.trimEnd().split("\n").at(-1), stderr }).toEqual({
      status: 1,
      last: refusal,
      stderr: "",
    });
  });

  it("refuses bytes that are no text at all", () => {
    for (const byte of [0x01, 0x07, 0x0b, 0x0c, 0x1f]) {
      const text = Buffer.concat([
        Buffer.from(`${head.join("\n")}\nset      a = b`),
        Buffer.from([byte]),
        Buffer.from(`c\n${tail.join("\n")}\n`),
      ]);
      expect(runAwk(awk, policyReader, text).status).toBe(1);
    }
  });
});
