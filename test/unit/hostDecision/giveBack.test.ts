import { expect, it } from "vitest";
import { withEachAwk } from "./awk.ts";
import { LivingHost } from "./decide.ts";

const smtp = "smtp inet n - y - - smtpd\n";
const smtps = "smtps inet n - y - - smtpd\n";

withEachAwk("giving back", (awk) => {
  const living = (main: string, master = "") => new LivingHost({ awk, main, master });

  it("puts a parameter that was taken out at the end, as its place is not known", () => {
    const host = living("a = 1\n  # c\n  2\nb = 2\n");
    host.apply(["unset a"]);
    expect(host.main).toBe("  # c\nb = 2\n");
    host.remove();
    expect(host.main).toBe("  # c\nb = 2\na = 1\n  2\n");
  });

  it("does not take the end of the file for a blank line of the value", () => {
    const host = living("a = 1\n\n  2\nb = 2\n");
    host.apply(["unset a"]);
    host.remove();
    expect(host.main).toBe("\nb = 2\na = 1\n  2\n");
  });

  it("puts several lines of one parameter in the place of the one that counted", () => {
    const host = living("a = 1\nb = 2\na = 3\n");
    host.apply(["set a = x"]);
    host.remove();
    expect(host.main).toBe("b = 2\na = 1\na = 3\n");
  });

  it("puts a dropped option at the end of its entry", () => {
    const host = living("", `${smtp}  -o a=1\n  -o b=2\n`);
    host.apply(["drop smtp/inet a"]);
    host.remove();
    expect(host.master).toBe(`${smtp}  -o b=2\n  -o a=1\n`);
  });

  it("gives back what a line of the policy wanted once the line is gone, and nothing else", () => {
    const main = "a = 1\nb = 2\n";
    const master = `${smtp}#submission inet n - y - - smtpd\n#  -o a=1\n${smtps}`;
    const host = living(main, master);
    const lines = [
      "set a = x",
      "set b = y",
      "service submission/inet enable",
      "service smtps/inet disable",
      "tls submission >= TLSv1.2",
      "set c = 3",
    ];
    host.apply(lines);
    const { changes } = host.apply(["set b = y", "service smtps/inet disable"]);
    expect(changes).toEqual([
      "master.cf submission/inet:smtpd_tls_mandatory_protocols: >=TLSv1.2 -> (unset)",
      "master.cf submission/inet:smtpd_tls_protocols: >=TLSv1.2 -> (unset)",
      "master.cf submission/inet: ours -> as before",
      "main.cf c: 3 -> (unset)",
      "main.cf a: x -> 1",
    ]);
    expect(host.main).toBe("a = 1\nb = y\n");
    expect(host.master).toBe(master.replace(smtps, `#${smtps}`));
    host.remove();
    expect(host).toMatchObject({ main, master });
  });

  it("B1: leaves no option under another entry when a service goes but its TLS line stays", () => {
    const master = `${smtp}#submission inet n - y - - smtpd\n#  -o a=1\n`;
    const host = living("", master);
    host.apply(["service submission/inet enable", "tls submission >= TLSv1.2"]);
    const { warnings } = host.apply(["tls submission >= TLSv1.2"]);
    expect(host.master).toBe(master);
    expect(warnings).toEqual([
      "no-service: no service on port 587 or 465, so the submission lines have nothing to act on",
    ]);
  });

  it("keeps what is still wanted of a service that another name means", () => {
    const host = living("", `submissions inet n - y - - smtpd\n${smtp}`);
    host.apply(["service smtps/inet disable", "set a = 1"]);
    const { changes } = host.apply(["service 465/inet disable", "set a = 2"]);
    expect(changes).toEqual(["main.cf a: 1 -> 2"]);
    host.remove();
    expect(host.master).toBe(`submissions inet n - y - - smtpd\n${smtp}`);
  });

  it("leaves what someone else changed since, names it, and gives the rest back", () => {
    const host = living("a = 1\nb = 2\nc = 3\n", `${smtp}  -o a=1\n  -o b=2\n${smtps}  -o c=3\n`);
    host.apply([
      "set a = x",
      "set b = y",
      "set c = z",
      "option smtp/inet a = x",
      "option smtp/inet b = y",
      "option smtp/inet d = 4",
      "service smtps/inet disable",
    ]);
    host.main = host.main.replace("b = y", "b = admin").replace("c = z\n", "");
    host.master = host.master
      .replace("-o b=y", "-o b=admin")
      .replace("-o d=4", "-o e=5")
      .replace("#  -o c=3", "#  -o c=4");
    const { warnings } = host.remove();
    expect(host.main).toBe("a = 1\nb = admin\n");
    expect(host.master).toBe(`${smtp}  -o a=1\n  -o b=admin\n  -o e=5\n#${smtps}#  -o c=4\n`);
    const text = (what: string) => `kept-foreign: ${what} was changed by someone else since, and stays`;
    expect(warnings).toEqual(["smtp/inet:d", "smtp/inet:b", "smtps/inet", "c", "b"].map(text));
    expect(host).toMatchObject({ ledger: "", owners: "" });
  });

  it("leaves an entry that someone else added to", () => {
    const host = living("", `${smtp}#submission inet n - y - - smtpd\n`);
    host.apply(["service submission/inet enable", "option submission/inet a = 1"]);
    host.master += "  -o mine=2\n";
    expect(host.remove().warnings).toEqual([
      "kept-foreign: submission/inet was changed by someone else since, and stays",
    ]);
    expect(host.master).toBe(`${smtp}submission inet n - y - - smtpd\n  -o mine=2\n`);
  });

  it("does not mind another way to write what it wrote, or other lines around it", () => {
    const host = living("a = 1\n", `${smtp}  -o a=1\n`);
    host.apply(["set b = 2", "option smtp/inet a = 2", "option smtp/inet b = 3"]);
    host.main = `# mine\n${host.main}c = 4\n`;
    host.master = `# mine\n${host.master.replace("-o a=2", "-o { a = 2 }")}  -o c=4\n`;
    expect(host.remove().warnings).toEqual([]);
    expect(host.main).toBe("# mine\na = 1\nc = 4\n");
    expect(host.master).toBe(`# mine\n${smtp}  -o a=1\n  -o c=4\n`);
  });

  it("refuses to give back a second listener, whose port someone else has taken meanwhile", () => {
    const host = living("", smtps);
    host.apply(["service smtps/inet disable"]);
    host.master += "465 inet n - y - - smtpd\n";
    expect(host.preview([]).refusal).toBe(
      "services: smtps/inet (line 1) and 465/inet (line 2) both listen on port 465; keep one of them",
    );
  });

  it("says nothing of a secret that goes", () => {
    const host = living("p = before\n");
    host.apply(["secret p revision 1"], { secrets: "1\tp\tgeheim\n" });
    expect(host.main).toBe("p = geheim\n");
    expect(host.preview(["set p = open"]).changes).toEqual(["main.cf p: (secret) -> (secret)"]);
    expect(host.remove().changes).toEqual(["main.cf p: (secret) -> (secret)"]);
    expect(host.main).toBe("p = before\n");
  });
});
