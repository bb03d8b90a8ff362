// Opens briefs in headless Chromium and holds them to WCAG 2.2 AA: light, dark, on a phone, and at 200 % zoom.
//
//   CANDOR_SPECIMENS=/tmp cargo test leaves_specimens -- --ignored
//   npm install --no-save axe-core puppeteer-core
//   CHROMIUM=/usr/bin/chromium node tests/accessibility.mjs /tmp/*.html
//
// Fails on a violation, a console message, a request that leaves the page, or a page wider than its window.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const VIEWS = [["light", 1100, 1], ["dark", 1100, 1], ["phone", 400, 1], ["zoomed", 550, 2]];

const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
for (const file of process.argv.slice(2)) {
  for (const [view, width, deviceScaleFactor] of VIEWS) {
    const page = await browser.newPage();
    const said = [];
    const left = [];
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(String(error)));
    page.on("request", (request) => /^(file|data):/.test(request.url()) || left.push(request.url()));
    await page.setViewport({ width, height: 900, deviceScaleFactor });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: view === "dark" ? "dark" : "light" }]);
    const url = pathToFileURL(resolve(file)).href;
    await page.goto(url);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    const messages = said.length;
    // axe is a script, so the page's own policy has to step aside for it.
    await page.setBypassCSP(true);
    await page.goto(url);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => axe.run());
    console.log(`${file} ${view}: ${violations.length} violations, ${messages} messages, ${left.length} requests`);
    for (const { id, help, nodes } of violations) console.log(`  ${id}: ${help}: ${nodes[0].html.slice(0, 120)}`);
    if (violations.length + messages + left.length > 0 || wider > 0) process.exitCode = 1;
    await page.close();
  }
}
await browser.close();
