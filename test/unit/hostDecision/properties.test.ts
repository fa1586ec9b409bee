import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitsMasterCf } from "../../../src/policy/services.ts";
import { awks } from "./awk.ts";
import { LivingHost } from "./decide.ts";
import { mainCf, masterCf } from "./postfix.ts";

const awk = fc.constantFrom(...awks);
const names = ["a", "b_c", "smtp-x_y", "relayhost", "D"];

/** A value that a policy may carry: one line of anything, no blanks around it. */
const value = fc
  .oneof(
    fc.string({ unit: "grapheme", maxLength: 12 }),
    fc.string({ unit: fc.constantFrom(..."ab $={}\\&%\"'#,"), maxLength: 12 }),
  )
  .filter((text) => text !== "" && !/\p{Cc}|^ | $|\p{Surrogate}/u.test(text));
const optionValue = value.filter(fitsMasterCf);

const comment = fc.constantFrom("# c", "", "  # indented", "#a = 1", "\t", "## b");
const style = fc.constantFrom(" = ", "=", "\t=  ", " =");
const plain = fc.constantFrom("1", "$x, y", "{z}", "ä\\&", "");

/** A parameter of one or several lines, with comments between them. */
const parameter = (name: string) =>
  fc
    .tuple(
      style,
      plain,
      fc.array(fc.tuple(fc.array(comment, { maxLength: 2 }), fc.constantFrom("  2", "\t3, 4")), { maxLength: 2 }),
    )
    .map(([assign, first, more]) => [
      `${name}${assign}${first}`,
      ...more.flatMap(([comments, line]) => [...comments, line]),
    ]);

const mainFile = fc
  .tuple(
    fc.shuffledSubarray(names).chain((chosen) => fc.tuple(...chosen.map(parameter))),
    fc.array(fc.array(comment, { maxLength: 2 }), { minLength: names.length + 1, maxLength: names.length + 1 }),
  )
  .map(([parameters, between]) => lines(parameters, between));

/** The parts one after the other, comments before, between and after them. */
function lines(parts: readonly (readonly string[])[], between: readonly (readonly string[])[]): string {
  const all = parts.flatMap((part, at) => [...(between[at] ?? []), ...part]);
  return [...all, ...(between[parts.length] ?? [])].map((line) => `${line}\n`).join("");
}

const services = ["smtp inet", "submission inet", "127.0.0.1:smtps inet", "10025 inet", "smtp unix", "x unix-dgram"];

const optionLine = (name: string) =>
  fc.constantFrom(
    `  -o ${name}=1`,
    `\t-o${name}=$x`,
    `  -o { ${name} = 1, 2 }`,
    `  -o {${name}=1}`,
    `  -o\n    ${name}=1`,
    `  -o ${name}=`,
  );

const entry = (service: string) =>
  fc
    .tuple(
      fc.constantFrom(`${service} n - y - - smtpd`, `${service}\tn  -  n - 2\tsmtpd -v`),
      fc.shuffledSubarray(names).chain((chosen) => fc.tuple(...chosen.map(optionLine))),
      fc.array(fc.constantFrom("# c", "  # c"), { maxLength: 1 }),
    )
    .map(([head, options, comments]) =>
      [head, ...(options.length > 0 ? comments : []), ...options].flatMap((line) => line.split("\n")),
    );

const pipe = fc.constantFrom(
  ["m unix - n n - - pipe", "  flags=R user=m argv=/bin/m -o a=1 $user"],
  ["m unix - n n - - pipe -o a=1 flags=R argv=/bin/m"],
);

const commented = fc.constantFrom(
  ["#smtps inet n - y - - smtpd", "#  -o a=1", "#     prose", "#  -o b_c=2", "#"],
  ["#[::1]:465 inet n - y - - smtpd", "#"],
);

const masterFile = fc
  .tuple(
    fc.shuffledSubarray(services, { minLength: 1 }).chain((chosen) => fc.tuple(...chosen.map(entry))),
    pipe,
    commented,
    fc.array(fc.array(fc.constantFrom("# c", "", "#  -o a=1", "  # d"), { maxLength: 2 }), {
      minLength: 9,
      maxLength: 9,
    }),
  )
  .map(([entries, one, two, between]) => lines([...entries, one, two], between));

const setting = fc
  .tuple(fc.constantFrom(...names), value)
  .map(([name, text]) => [name, `set ${name} = ${text}`] as const);
const emptying = fc.constantFrom(...names).map((name) => [name, `empty ${name}`] as const);
const mainPolicy = fc.uniqueArray(fc.oneof(setting, emptying), {
  selector: ([name]) => name,
  minLength: 1,
  maxLength: 4,
});

/** Lines on services that this master.cf has. */
function masterPolicy(master: string): fc.Arbitrary<string[]> {
  const keys = masterCf(master).map(({ key }) => key);
  const option = fc
    .tuple(fc.constantFrom(...keys), fc.constantFrom(...names), fc.option(optionValue, { nil: "" }))
    .map(([key, name, text]) => [`${key} ${name}`, `option ${key} ${name} =${text === "" ? "" : ` ${text}`}`] as const);
  return fc
    .tuple(
      fc.uniqueArray(option, { selector: ([what]) => what, maxLength: 4 }),
      fc.subarray([
        "service 465/inet enable",
        "service new/unix entry - - n - 3 smtp",
        "tls submission >= TLSv1.2",
        "ciphers submission intermediate",
        "exclude submission RC4",
      ]),
      fc.option(fc.constantFrom(...keys), { nil: undefined }),
    )
    .map(([options, rest, off]) => [
      ...options.filter(([what]) => off === undefined || !what.startsWith(`${off} `)).map(([, line]) => line),
      ...rest.filter((line) => !(off?.includes("smtps") && line.includes("465"))),
      ...(off === undefined ? [] : [`service ${off} disable`]),
    ]);
}

const host = fc
  .tuple(mainFile, masterFile, mainPolicy)
  .chain(([main, master, settings]) =>
    fc.record({
      main: fc.constant(main),
      master: fc.constant(master),
      settings: fc.constant(settings),
      more: masterPolicy(master),
      awk,
    }),
  )
  .map(({ settings, more, ...files }) => ({
    ...files,
    settings,
    policy: [...settings.map(([, line]) => line), ...more],
  }));

/** What a file is without the lines of some parameters: those stay, in their order. */
function without(text: string, taken: readonly string[]): string[] {
  let mine = false;
  return text.split("\n").filter((line) => {
    if (/^[ \t]*(#|$)/.test(line)) return true;
    if (!/^[ \t]/.test(line)) mine = taken.includes(line.split("=")[0]?.trim() ?? "");
    return !mine;
  });
}

describe("whatever the files and the policy", { timeout: 180_000 }, () => {
  it("makes the policy true, leaves every other line where it was, and has nothing to do then", () => {
    fc.assert(
      fc.property(host, ({ main, master, settings, policy, awk }) => {
        const living = new LivingHost({ awk, main, master });
        living.apply(policy);
        const values = mainCf(living.main);
        for (const [name, line] of settings)
          expect(values.get(name)).toBe(mainCf(line.replace(/^set |^empty (.*)/, "$1 =").replace(/^ =/, "")).get(name));
        expect(without(living.main, names).filter((line) => line !== "")).toEqual(
          without(main, names).filter((line) => line !== ""),
        );
        const taken = settings.map(([name]) => name);
        expect(without(living.main, taken)).toEqual(without(main, taken));

        const before = masterCf(master);
        for (const { key, fields, options } of masterCf(living.master)) {
          const old = before.find((one) => one.key === key);
          const own = policy
            .filter((line) => line.startsWith(`option ${key} `))
            .map((line) => line.slice(8 + key.length));
          for (const line of own) expect(options).toMatchObject(Object.fromEntries(mainCf(line)));
          if (old === undefined) continue;
          expect(fields).toBe(old.fields);
          for (const [name, text] of Object.entries(old.options))
            if (!own.some((line) => line.startsWith(`${name} =`))) expect(options[name]).toBe(text);
        }

        const files = { main: living.main, master: living.master };
        expect(living.apply(policy).changes).toEqual([]);
        expect(living).toMatchObject(files);
      }),
      { numRuns: 25 },
    );
  });

  it("gives back every byte, also of several policies one after the other", () => {
    fc.assert(
      fc.property(
        host.chain((first) => fc.tuple(fc.constant(first), masterPolicy(first.master), mainPolicy)),
        ([first, more, settings]) => {
          const { main, master } = first;
          const living = new LivingHost({ awk: first.awk, main, master });
          living.apply(first.policy);
          const second = [...settings.map(([, line]) => line), ...more];
          // What the first policy disabled takes no option of the second.
          if (living.preview(second).refusal === undefined) living.apply(second);
          expect(living.remove().warnings.filter((text) => text.startsWith("kept-foreign"))).toEqual([]);
          expect(living.main).toBe(main);
          expect(living.master).toBe(master);
          expect(living.ledger).toBe("");
        },
      ),
      { numRuns: 25 },
    );
  });

  it("gives back what the files mean where a parameter or an option was taken out, whose place is not known", () => {
    const taking = fc.tuple(host, fc.subarray(names, { minLength: 1 }), fc.constantFrom("unset", "drop"));
    fc.assert(
      fc.property(taking, ([{ main, master, awk }, taken, how]) => {
        const living = new LivingHost({ awk, main, master });
        const keys = masterCf(master).map(({ key }) => key);
        living.apply(
          how === "unset"
            ? taken.map((name) => `unset ${name}`)
            : keys.flatMap((key) => taken.map((name) => `drop ${key} ${name}`)),
        );
        for (const name of taken) {
          if (how === "unset") expect(mainCf(living.main).has(name)).toBe(false);
          else for (const { options } of masterCf(living.master)) expect(options).not.toHaveProperty(name);
        }
        living.remove();
        expect(mainCf(living.main)).toEqual(mainCf(main));
        expect(masterCf(living.master)).toEqual(masterCf(master));
        expect(living.main.split("\n").sort()).toEqual(main.split("\n").sort());
      }),
      { numRuns: 25 },
    );
  });
});
