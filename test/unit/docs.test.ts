// What the pages say that can be checked without running it: links lead somewhere, and each call of `mailhost` is one.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { compareCall } from "../../src/cli/compare/call.ts";
import { reportCall } from "../../src/cli/report.ts";
import { restoreCall } from "../../src/cli/restore.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const docs = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
const pages = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", ...docs.map((name) => `docs/${name}`)];
const read = (page: string): string => readFileSync(join(root, page), "utf8");

/** As GitHub makes an anchor of a heading. */
const anchors = (text: string): string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

const calls: Record<string, (words: string[]) => unknown> = {
  audit: (words) => compareCall("audit", words),
  plan: (words) => compareCall("plan", words),
  report: reportCall,
  restore: restoreCall,
};

describe.each(pages)("%s", (page) => {
  const text = read(page);

  it("has no link that leads nowhere", () => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
    const broken = links.filter((link) => {
      if (/^[a-z]+:/.test(link)) return false;
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? page : join(dirname(page), path);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchors(read(target)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it("calls mailhost as it can be called", () => {
    const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block = ""]) => block);
    const lines = blocks.flatMap((block) => block.replaceAll("\\\n", " ").split("\n"));
    for (const line of lines) {
      const [, command = "", words = ""] = /(?:@postmaster\/mailhost|npx mailhost) (\S+)([^|>&;]*)/.exec(line) ?? [];
      const call = calls[command];
      if (call !== undefined) expect(() => call(words.trim().split(/\s+/).filter(Boolean)), line).not.toThrow();
    }
  });
});

it("no page that the package brings leads to a file that it lacks", () => {
  const { files }: { files: string[] } = JSON.parse(read("package.json"));
  // npm packs these whatever the list says.
  const brought = [...files, "README.md", "LICENSE", "package.json"];
  const isBrought = (file: string) => brought.some((path) => file === path || file.startsWith(`${path}/`));
  const lacking = pages.filter(isBrought).flatMap((page) =>
    [...read(page).matchAll(/\]\(([^)\s#]+)/g)]
      .map(([, link = ""]) => link)
      .filter((link) => !/^[a-z]+:/.test(link) && !isBrought(join(dirname(page), link)))
      .map((link) => `${page}: ${link}`),
  );
  expect(lacking).toEqual([]);
});
