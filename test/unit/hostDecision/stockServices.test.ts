import { describe, expect, it } from "vitest";
import { withEachAwk } from "./awk.ts";
import { decide } from "./decide.ts";
import { masterCf, stock } from "./postfix.ts";

withEachAwk("services in Debian's own master.cf", (awk) => {
  describe.each(["debian11", "debian12", "debian13"])("the master.cf of %s", (debian) => {
    const master = stock(`${debian}.master.cf`);
    const before = masterCf(master);

    it.each(["submission", "smtps", "submissions", "465", "urd"])(
      "enables %s with its options, and changes no other line",
      (name) => {
        const decision = decide({ awk, master, policy: [`service ${name}/inet enable`] });
        expect(decision.refusal).toBeUndefined();
        const added = masterCf(decision.master).filter(({ key }) => !before.some((entry) => entry.key === key));
        expect(added).toHaveLength(1);
        const [entry] = added;
        expect(entry).toMatchObject({ fields: "n - y - - smtpd", options: { smtpd_sasl_auth_enable: "yes" } });
        expect(entry?.options).toMatchObject(
          name === "submission" ? { smtpd_tls_security_level: "encrypt" } : { smtpd_tls_wrappermode: "yes" },
        );
        expect(Object.keys(entry?.options ?? {}).length).toBeGreaterThanOrEqual(10);

        // Only a # at the start of some lines is gone: all other bytes are as before, and disabling puts it back.
        const lines = decision.master.split("\n");
        for (const [at, line] of master.split("\n").entries()) expect([line, line.slice(1)]).toContain(lines[at]);
        expect(masterCf(decision.master).filter(({ key }) => key !== entry?.key)).toEqual(before);
        expect(decide({ awk, master: decision.master, policy: [`service ${name}/inet disable`] }).master).toBe(master);
      },
    );

    it.each(["cyrus/unix", "old-cyrus/unix", "tlsproxy/unix", "dnsblog/unix", "smtpd/pass", "628/inet"])(
      "enables %s",
      (key) => {
        const decision = decide({ awk, master, policy: [`service ${key} enable`] });
        expect(decision.refusal).toBeUndefined();
        const [entry, ...more] = masterCf(decision.master).filter((one) => !before.some((old) => old.key === one.key));
        expect(more).toEqual([]);
        expect(entry?.key).toBe(key);
        expect(entry?.options).toEqual({});
        if (key.includes("cyrus"))
          expect(entry?.fields).toMatch(
            /^- n n - - pipe flags=\S+ user=cyrus argv=\/cyrus\/bin\/deliver .*\$\{user\}$/,
          );
        expect(masterCf(decision.master).filter((one) => one.key !== key)).toEqual(before);
      },
    );

    it("enables submission for loopback alone where the file has that", () => {
      const decision = decide({ awk, master, policy: ["service 127.0.0.1:submission/inet enable"] });
      if (debian === "debian11") {
        expect(decision.refusal).toMatch(/^services: 127\.0\.0\.1:submission\/inet is in master\.cf neither/);
        return;
      }
      const entry = masterCf(decision.master).find(({ key }) => key === "127.0.0.1:submission/inet");
      expect(entry?.options).toMatchObject({ smtpd_tls_security_level: "encrypt", smtpd_sasl_auth_enable: "yes" });
      expect(decision.warnings).toEqual([]);
    });

    it("disables every service that it has, each alone", () => {
      for (const { key } of before) {
        const after = decide({ awk, master, policy: [`service ${key} disable`] }).master;
        expect(masterCf(after)).toEqual(before.filter((entry) => entry.key !== key));
      }
    });
  });
});
