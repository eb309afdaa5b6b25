// Walks every page of a running console in headless Chromium: no error in its console, no request refused by the
// content policy, keyboard usable, hostile names stay text; leaves a picture of each page. It judges no layout.
// Usage: node pages.mjs TRY_JSON PASSWORD_FILE OUT_FOLDER [--with-incident]  (playwright-core is found through NODE_PATH)
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';

const require = createRequire(import.meta.url);
const { chromium } = require(process.env.PLAYWRIGHT ?? 'playwright-core');
const [tryFile, passwordFile, out, flag] = process.argv.slice(2);
const house = JSON.parse(fs.readFileSync(tryFile, 'utf8'));
const password = fs.readFileSync(passwordFile, 'utf8').split('\n')[0];
const problems = [];
const quiet = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

fs.mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: quiet });

async function open(scheme, size) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, colorScheme: scheme, viewport: size });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(`${page.url()}: console: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`${page.url()}: error: ${error.message}`));
  page.on('dialog', (dialog) => { problems.push(`${page.url()}: a script of a host ran: ${dialog.message()}`); dialog.dismiss(); });
  return page;
}

async function signIn(page) {
  await page.goto(`${house.console}/sign-in`);
  await page.fill('input[name=name]', house.user ?? 'try');
  await page.fill('input[name=password]', password);
  await Promise.all([page.waitForURL(/incidents/), page.keyboard.press('Enter')]);
}

async function look(page, name, url, label) {
  const answer = await page.goto(`${house.console}${url}`, { waitUntil: 'load' });
  if (!answer || answer.status() !== 200) problems.push(`${url}: status ${answer?.status()}`);
  const facts = await page.evaluate(() => ({
    title: document.title,
    heading: document.querySelector('h1')?.textContent ?? '',
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    unnamed: [...document.querySelectorAll('button, a[href], input:not([type=hidden]), select')]
      .filter((e) => e.checkVisibility() && !(e.textContent.trim() || e.getAttribute('aria-label') || e.labels?.length || e.title || e.placeholder)).length,
    bytes: document.documentElement.outerHTML.length,
  }));
  if (!facts.title || !facts.heading) problems.push(`${url}: no title or heading`);
  if (facts.wide > 1) problems.push(`${url} (${label}): ${facts.wide} px wider than the window`);
  if (facts.unnamed) problems.push(`${url}: ${facts.unnamed} controls without a name`);
  if (facts.bytes > 250_000) problems.push(`${url}: ${facts.bytes} bytes`);
  await page.screenshot({ path: path.join(out, `${name}-${label}.png`), fullPage: true });
}

async function api(url) {
  const answer = await fetch(`${house.console}/api/v1${url}`, { headers: { authorization: `Bearer ${house.api_token}` } });
  return answer.json();
}

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
const hosts = (await api('/hosts')).items;
let incidents = (await api('/incidents')).items;
// With a full file system there must be one, and a walk without its page proves too little.
for (let left = 120; flag === '--with-incident' && !incidents.length; left -= 1) {
  if (!left) throw new Error('no incident within 120 s');
  await new Promise((resolve) => setTimeout(resolve, 1000));
  incidents = (await api('/incidents')).items;
}
const customers = (await api('/customers')).items;
const pages = [['incidents', '/incidents'], ['hosts', '/hosts'], ['customers', '/customers'], ['deliveries', '/deliveries'],
  ['wall', '/wall'], ['audit', '/audit'], ['coverage', '/coverage'], ['declared', '/declared'],
  ['declared-import', '/declared/import'], ['search', '/search?software=lib*']];
if (incidents.length) pages.push(['incident', `/incidents/${incidents[0].id}`]);
if (customers.length) {
  pages.push(['customer', `/customers/${customers[0].id}`]);
  const sites = (await api(`/customers/${customers[0].id}/sites`)).items;
  for (const page of ['baseline', 'drift']) pages.push([page, `/sites/${sites[0].id}/${page}`]);
}
if (hosts.length) {
  let items = [];
  for (let left = 120; !items.length; left -= 1) {
    if (!left) throw new Error('no inventory within 120 s');
    items = (await api(`/hosts/${hosts[0].id}/items?class=software&limit=1`)).items;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  pages.push(['item', `/items/${items[0].id}`]);
  for (const tab of ['', '/inventory', '/changes', '/diff', '/incidents', '/ledger']) pages.push([`host${tab.replace('/', '-')}`, `/hosts/${hosts[0].id}${tab}`]);
}

for (const [label, scheme, size] of [['light', 'light', { width: 1600, height: 1000 }], ['dark', 'dark', { width: 1280, height: 900 }],
  ['phone', 'light', { width: 360, height: 740 }]]) {
  const page = await open(scheme, size);
  await page.goto(`${house.console}/hosts`);
  if (!/sign-in/.test(page.url())) problems.push('/hosts is shown without a sign-in');
  await page.screenshot({ path: path.join(out, `sign-in-${label}.png`) });
  await signIn(page);
  for (const [name, url] of pages) await look(page, name, url, label);
  if (label === 'light') await keyboard(page);
  await page.context().close();
}

async function keyboard(page) {
  await page.goto(`${house.console}/incidents`);
  await page.keyboard.press('/');
  const searching = await page.evaluate(() => document.activeElement?.tagName === 'INPUT');
  if (!searching) problems.push('/incidents: the key / does not go to the search');
  await page.keyboard.press('Escape');
  await page.evaluate(() => document.activeElement?.blur?.());
  await page.keyboard.press('?');
  await page.waitForTimeout(200);
  const helped = await page.evaluate(() => !!document.querySelector('dialog[open], [data-help]:not([hidden])'));
  if (!helped) problems.push('/incidents: the key ? shows no help');
  await page.goto(`${house.console}/hosts`);
  await page.keyboard.press('Tab');
  const focused = await page.evaluate(() => document.activeElement !== document.body);
  if (!focused) problems.push('/hosts: Tab reaches nothing');
}

await browser.close();
console.log(`${pages.length} pages in 3 looks, pictures in ${out}`);
for (const problem of [...new Set(problems)]) console.log(`PROBLEM ${problem}`);
process.exit(problems.length ? 1 : 0);
