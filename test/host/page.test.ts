// The page of a report in Debian's browser: on a phone, in a dark room, without a network.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { html } from "../../src/cli/report/html.ts";
import { svg } from "../../src/cli/report/svg.ts";
import { answer, coveredDays, reported, used, user } from "../unit/report/evidence.ts";

const evil = `<img src=http://192.0.2.1/x onerror="document.title='run'"><script>document.title='run'</script>`;
const hosts = [
  reported("mx1.example.com", used, 180),
  reported(evil, answer([...coveredDays(9), user(evil, "192.0.2.0/24", 1, 1, 1)], { sentence: evil }), 180),
  { host: "mx3", problem: "Connection refused" },
];

let browser: Browser;
let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "mailhost-page-"));
  writeFileSync(join(dir, "report.html"), html(hosts));
  writeFileSync(join(dir, "report.svg"), svg(hosts));
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
});
afterAll(async () => {
  await browser.close();
  rmSync(dir, { recursive: true });
});

async function open(file: string, { colorScheme = "light" as "light" | "dark", width = 360 } = {}) {
  const page = await browser.newPage({ colorScheme, viewport: { width, height: 740 }, isMobile: width < 500 });
  const asked: string[] = [];
  const said: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(error.message));
  const url = `file://${join(dir, file)}`;
  await page.goto(url);
  expect({ asked, said }).toEqual({ asked: [url], said: [] });
  return page;
}

test("it is as wide as the phone; only tables and charts scroll, and no text is tiny", async () => {
  const page = await open("report.html");
  const widths = await page.evaluate(`[document.documentElement.scrollWidth, innerWidth]`);
  expect(widths).toEqual([360, 360]);
  const letters = await page.evaluate(
    `[...document.querySelectorAll("svg text")].map((text) => text.getBoundingClientRect().height)`,
  );
  expect(Math.min(...(letters as number[]))).toBeGreaterThan(8);
  expect(await page.title()).toBe("Who still uses the port");
  expect(await page.locator("script, img").count()).toBe(0);
  expect(await page.locator("h2").allTextContents()).toEqual([
    "mx1.example.com port 465: keep",
    `${evil} port 465: keep`,
  ]);
  if (process.env.SCREENS) await page.screenshot({ path: `${process.env.SCREENS}/phone.png` });
  await page.close();
});

test.each(["light", "dark"] as const)("it can be read in a %s room, as can the picture", async (colorScheme) => {
  for (const file of ["report.html", "report.svg"]) {
    const page = await open(file, { colorScheme, width: 1000 });
    const [ink, paper] = (await page.evaluate(
      `["ink", "paper"].map((name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name))`,
    )) as string[];
    expect(contrast(ink ?? "", paper ?? "")).toBeGreaterThan(7);
    expect(luminance(paper ?? "") < 0.1).toBe(colorScheme === "dark");
    expect(await page.locator("rect.logins").count()).toBe(3);
    if (process.env.SCREENS) await page.screenshot({ path: `${process.env.SCREENS}/${file}-${colorScheme}.png` });
    await page.close();
  }
});

/** WCAG 2.2: 7 is its highest level. */
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const digits = colour.trim().slice(1);
  const whole = digits.length === 3 ? digits.replaceAll(/./g, "$&$&") : digits;
  const [red = 0, green = 0, blue = 0] = (whole.match(/../g) ?? []).map((part) => {
    const value = Number.parseInt(part, 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
