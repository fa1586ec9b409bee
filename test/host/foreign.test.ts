// Other hands on the same files: postconf in the middle, editors before and after.
import { beforeAll, describe, expect, test } from "vitest";
import { until } from "../lab/run.ts";
import { banner } from "../lab/smtp.ts";
import { acceptedVersions } from "../lab/tls.ts";
import { useBench } from "./bench.ts";
import { disturbed, installGate } from "./gate.ts";
import { policy } from "./policies.ts";

const FLOOR = "tls incoming >= TLSv1.2";

describe("bookworm", () => {
  const bench = useBench({});
  const edit = (command: string): Promise<string> => bench.host.must(`cd /etc/postfix && ${command}`);

  test("waits for a postconf at work", async () => {
    await bench.host.must(`setsid flock /etc/postfix/main.cf.tmp sleep 300 >/dev/null 2>&1 & echo $! >/run/holder`);
    const applied = bench.apply(FLOOR);
    // Before and behind it the program has work of its own, so that its waiting is seen by its lock only.
    await until("the program at the lock", async () => {
      const { stdout } = await bench.host.exec("grep -c -- '-> FLOCK' /proc/locks");
      return stdout.trim() === "1" || undefined;
    });
    expect((await bench.host.exec("cmp /etc/postfix/main.cf /root/pristine/main.cf")).status).toBe(0);
    await bench.host.must("pkill -s $(cat /run/holder) sleep");
    await applied;
    await bench.host.must("rm -f /etc/postfix/main.cf.tmp");
    expect(await acceptedVersions(bench.host)).toEqual(["TLSv1.2", "TLSv1.3"]);
  });

  test.each([
    ["postconf -e", "postconf -e message_size_limit=12345678"],
    ["an editor", "sed -i '$a message_size_limit = 12345678' /etc/postfix/main.cf"],
    ["an edit of master.cf", "sed -i '$a # message_size_limit = 12345678' /etc/postfix/master.cf"],
  ])("refuses when %s comes between, and leaves that edit alone", async (_, command) => {
    const wait = "until [ -e /var/lib/mailhost/stage/log ]; do sleep 0.02; done";
    const edited = bench.host.must(`${wait}; ${command}`);
    const outcome = await bench.run("apply", policy(FLOOR));
    await edited;
    expect(outcome).toMatchObject({ status: 1, stdout: "" });
    expect(outcome.last).toMatch(/\/etc\/postfix was changed by someone else in the meantime; nothing was done/);
    expect(await bench.host.must("cat /etc/postfix/*.cf")).toMatch(/message_size_limit ?= ?12345678/);
    expect(await bench.host.must("cat /etc/postfix/main.cf")).not.toContain("TLSv1.2");
    // Again, and both hold.
    await bench.apply(FLOOR);
    expect(await bench.host.must("cat /etc/postfix/*.cf")).toMatch(/message_size_limit ?= ?12345678/);
  });

  describe("while Postfix's values are read", () => {
    beforeAll(() => installGate(bench));
    const values = { at: 1, text: 'postconf -c "$config" -d > "$work/defaults" 2> /dev/null' };

    test("an edit that makes a floor stricter is read, and stays", async () => {
      const stricter = ["smtpd_tls_protocols", "smtpd_tls_mandatory_protocols"].map((name) => `${name} = >=TLSv1.3`);
      await bench.host.write("/run/stricter", `\n${stricter.join("\n")}\n`);
      const edit = "cat /run/stricter >>/etc/postfix/main.cf";
      const { status, stderr } = await disturbed(bench, "apply", policy(FLOOR), values, edit);
      expect(status, stderr).toBe(0);
      for (const line of stricter) expect(await bench.host.read("/etc/postfix/main.cf")).toContain(line);
      expect(stderr).toContain("nothing to change");
    });

    test("edits without an end are told, and nothing is done", async () => {
      const edit = "gate_at=$((gate_at + 1)); echo '# edit' >>/etc/postfix/master.cf";
      const outcome = await disturbed(bench, "apply", policy(FLOOR), values, edit);
      expect(outcome).toMatchObject({
        status: 1,
        stdout: "",
        last: "mx1: error: /etc/postfix was changed by someone else again and again while it was read; nothing was done. Run again",
      });
    });
  });

  test("leaves a foreign main.cf.tmp as it was", async () => {
    await edit("echo 'half an edit' >main.cf.tmp");
    await bench.apply(FLOOR);
    expect(await edit("cat main.cf.tmp; rm main.cf.tmp")).toBe("half an edit\n");
  });

  test("gives back its own lines only, once someone else edited", async () => {
    const lines = [
      FLOOR,
      "set smtpd_banner = ours",
      "set mail_name = ours",
      "option smtp/inet smtpd_helo_required = yes",
    ];
    await bench.apply(...lines);
    await edit(
      `sed -i 's/^mail_name = .*/mail_name = theirs/' main.cf && printf '\\n# added\\nmax_idle = 90s\\n' >>main.cf && printf 'extra unix - - n - - discard\\n' >>master.cf`,
    );
    const { warnings } = await bench.remove(...lines);
    expect(warnings).toContainEqual({
      code: "kept-foreign",
      text: "mail_name was changed by someone else since, and stays",
    });
    expect(await edit("diff /root/pristine/main.cf main.cf || true")).toMatch(
      /^\d+a\d+,\d+\n> mail_name = theirs\n> \n> # added\n> max_idle = 90s\n$/,
    );
    expect(await edit("diff /root/pristine/master.cf master.cf || true")).toMatch(
      /^\d+a\d+\n> extra unix - - n - - discard\n$/,
    );
    expect(await banner(bench.host)).toContain("ESMTP");
    expect((await bench.host.exec("test -e /var/lib/mailhost")).status).toBe(1);
  });

  test("gives back an entry that it enabled and changed, once someone else edited", async () => {
    const lines = [
      "service submission/inet enable",
      "option submission/inet smtpd_sasl_auth_enable = no",
      "drop submission/inet smtpd_client_restrictions",
    ];
    await bench.apply(...lines);
    await edit("printf 'extra unix - - n - - discard\\n' >>master.cf");
    // One option less is wanted, then none of it.
    await bench.apply(...lines.slice(0, 2));
    await bench.remove(...lines);
    await expect(banner(bench.host, 587)).rejects.toThrow("ECONNREFUSED");
    expect(await edit("diff /root/pristine/master.cf master.cf || true")).toMatch(
      /^\d+a\d+\n> extra unix - - n - - discard\n$/,
    );
  });

  test("mends what someone else undid, and says what it found", async () => {
    await bench.apply(FLOOR);
    await edit("postconf -X smtpd_tls_protocols && postfix reload");
    const audit = await bench.run("audit", policy(FLOOR));
    expect(audit.status).toBe(4);
    expect(audit.stderr).toContain("mx1: differs main.cf smtpd_tls_protocols: (unset) -> >=TLSv1.2");
    const plan = await bench.run("plan", policy(FLOOR));
    expect(plan.status).toBe(0);
    expect(plan.stderr).toContain("mx1: would change main.cf smtpd_tls_protocols: (unset) -> >=TLSv1.2");
    expect(await acceptedVersions(bench.host)).toHaveLength(4);
    await bench.apply(FLOOR);
    expect(await acceptedVersions(bench.host)).toHaveLength(2);
  });
});
