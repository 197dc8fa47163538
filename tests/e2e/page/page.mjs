// What a person at the page sees and does, one after another in one browser.
import {after, before, test} from "node:test";
import assert from "node:assert/strict";
import {hostname} from "node:os";
import {chromium} from "playwright-core";
import {configure, daemon, end, endAll, kHostileComm, kHostileTarget, sleeper} from "./daemon.mjs";

const kPatience = 30_000;
let config, vitalsd, browser, page, victim, mayFail = false;
const complaints = [], requests = [];

before(async () => {
  config = configure();
  victim = sleeper("page-victim");
  sleeper("page-quiet");
  sleeper(kHostileComm);
  vitalsd = await daemon(config);
  browser = await chromium.launch({executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update"]});
  page = await browser.newPage({viewport: {width: 1600, height: 1000}});
  page.setDefaultTimeout(kPatience);
  page.on("console", (message) => { if (message.type() === "error" && !mayFail) complaints.push(message.text()); });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(vitalsd.url);
});

after(async () => {
  await browser?.close();
  await endAll();
});

const looks = () => page.evaluate(() => Number(document.body.dataset.looks ?? 0));
async function another(times = 1) {
  const wanted = await looks() + times;
  await page.waitForFunction((n) => Number(document.body.dataset.looks ?? 0) >= n, wanted);
}
const column = (table, place) => page.$$eval(`#${table} tbody tr:not(.detail)`, (rows, n) => rows.map((row) => row.cells[n].textContent), place);
const targetButton = () => page.locator("#targets button.open").filter({hasText: "onerror"});

test("shows the host with plots of it", async () => {
  await another();
  assert.equal(await page.textContent("#host"), hostname());
  assert.match(await page.title(), new RegExp(hostname()));
  for (const title of ["CPU", "Load", "Memory"]) assert.equal(await page.locator("#glance h3", {hasText: new RegExp(`^${title}$`)}).count(), 1, title);
  await page.waitForSelector("#glance canvas");
  assert.match(await page.locator("#glance .card").first().locator(".now").textContent(), /%busy of \d+ CPUs|% ?busy of/);
  assert.match(await page.locator("#glance [role=img]").first().getAttribute("aria-label"), /^CPU: busy .*peak/);
});

test("draws what is in the history", async () => {
  await another();
  const painted = await page.$eval("#glance canvas", (canvas) => {
    const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const colors = new Set();
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 0) colors.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]);
    return colors.size;
  });
  assert.ok(painted > 3, `${painted} colours`);
});

test("updates while it is open", async () => {
  const before = await page.textContent("#facts");
  await another(2);
  assert.notEqual(await page.textContent("#facts"), before);
});

test("sorts a table both ways, and says so", async () => {
  const head = page.locator("#collectors th", {hasText: "Collector"});
  await head.locator("button").click();
  const seen = new Set();
  for (let turn = 0; turn < 2; ++turn) {
    const order = await head.getAttribute("aria-sort");
    seen.add(order);
    const names = await column("collectors", 0);
    assert.deepEqual(names, [...names].sort((a, b) => order === "ascending" ? a.localeCompare(b) : b.localeCompare(a)));
    await head.locator("button").press("Enter");
  }
  assert.deepEqual([...seen].sort(), ["ascending", "descending"]);
});

test("searches a table by words", async () => {
  await page.getByLabel("Search Collectors").fill("loadavg");
  assert.deepEqual(await column("collectors", 0), ["loadavg"]);
  await page.getByLabel("Search Collectors").fill("");
  assert.ok((await column("collectors", 0)).length > 5);
});

test("opens a row from the keyboard, which stays open", async () => {
  await targetButton().focus();
  await page.keyboard.press("Enter");
  assert.equal(await targetButton().getAttribute("aria-expanded"), "true");
  await page.waitForSelector("#targets .detail canvas");
  const titles = await page.$$eval("#targets .detail h3", (all) => all.map((each) => each.textContent));
  for (const title of ["CPU, in cores", "Memory", "Descriptors", "Threads"]) assert.ok(titles.includes(title), titles.join());
  await another();
  assert.equal(await targetButton().getAttribute("aria-expanded"), "true");
  assert.equal(await page.evaluate(() => document.activeElement.className), "open name");
});

test("shows groups and cgroups", async () => {
  assert.ok((await column("groups", 0)).includes("page-quiet"));
  assert.ok((await column("cgroups", 0)).length > 0);
});

test("shows hostile names as they are", async () => {
  assert.ok((await column("targets", 0)).includes(kHostileTarget));
  assert.ok((await column("groups", 0)).includes(kHostileComm));
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.equal(await page.locator("main img, main svg").count(), 0);
});

test("runs no script but its own", async () => {
  mayFail = true;
  await page.addScriptTag({content: "window.hacked = 2"}).catch(() => {});
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  mayFail = false;
});

test("fits from a phone to a wide screen", async () => {
  for (const width of [360, 1600]) {
    await page.setViewportSize({width, height: 800});
    await page.waitForTimeout(300);
    const [wide, inner] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= inner, `${wide} of ${inner}`);
  }
});

test("opens the report of an incident as a page", async () => {
  await end(victim, "SIGKILL");
  const link = page.locator("#incidents a", {hasText: "Target ended"}).first();
  await link.waitFor();
  await page.waitForSelector("#glance .mark", {state: "attached"});
  await link.click();
  await page.waitForSelector("#report-title");
  assert.ok((await page.textContent("#report .lead")).includes(kHostileTarget));
  assert.ok((await page.textContent("#report .lead")).includes("SIGKILL"));
  assert.equal(await page.locator("#overview").isVisible(), false);
  assert.equal(await page.evaluate(() => document.activeElement.id), "report-title");
  const json = await page.evaluate(async () => (await fetch(document.querySelector("#report dd a").href)).json());
  assert.equal(json.entity, kHostileTarget);
  assert.match(await page.textContent("#report"), /What changed before/);
  await page.getByText("Back to the overview").click();
  await page.waitForSelector("#overview:not([hidden])");
  await another();
});

test("says that a report is gone", async () => {
  mayFail = true;
  await page.evaluate(() => { location.hash = "#report=nothing"; });
  await page.waitForSelector("#report [role=alert]");
  await page.evaluate(() => { location.hash = ""; });
  mayFail = false;
});

test("says that the daemon is away, and goes on after its restart", async () => {
  mayFail = true;
  await another();
  await end(vitalsd.child);
  await page.waitForFunction(() => /does not answer/.test(document.getElementById("notice").textContent));
  vitalsd = await daemon(config, vitalsd.address);
  await another();
  assert.equal(await page.locator("#notice").isVisible(), false);
  mayFail = false;
  await another();
});

test("asks for nothing while nobody looks", async () => {
  const hide = (hidden) => page.evaluate((value) => {
    Object.defineProperty(document, "hidden", {value, configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
  await hide(true);
  await page.waitForTimeout(1000);  // what was under way
  const before = requests.length;
  await page.waitForTimeout(7000);
  assert.equal(requests.length, before);
  await hide(false);
  await another();
});

test("asked nobody but the daemon, without an error", () => {
  assert.deepEqual(requests.filter((url) => !url.startsWith(`http://${vitalsd.address}/`) && !url.startsWith("data:")), []);
  assert.deepEqual(complaints, []);
});
