import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figuresIn } from '../src/core/figures';
import { chart, pageOf, safe } from '../src/core/page';

const TOTAL = {
  requests: 1200,
  shown: 100,
  accepted: 25,
  acceptance: 0.25,
  characters_saved: 4321,
  answered_without_request: 0.754,
  tokens: { prompt: 1000, completion: 200 },
  cost: 0.1234,
  latency_ms: { answer: { count: 3, p50: 250.4, p95: 900 } },
};
const REPORT = {
  from: '2026-01-01',
  to: '2026-01-30',
  total: TOTAL,
  month: { cost: 0.5, projected_cost: 1.25 },
  days: [
    { day: '2026-01-01', shown: 40, accepted: 10 },
    { day: '2026-01-02', shown: 60, accepted: 15 },
  ],
  languages: [{ language: 'python', ...TOTAL }],
  providers: [],
  models: [{ model: '<img src=x>', ...TOTAL }],
};

test('figures are put into words', () => {
  const facts = new Map(figuresIn(REPORT)?.facts);
  assert.equal(facts.get('Accepted'), '25 (25 %)');
  assert.equal(facts.get('Characters saved'), '4,321');
  assert.equal(facts.get('Answered without a request'), '75 %');
  assert.equal(facts.get('Median until the answer'), '250 ms');
  assert.equal(facts.get('This month'), '0.50, by its end 1.25');
});

test('what is not known is said to be unknown', () => {
  const total = { ...TOTAL, cost: null, acceptance: null };
  const facts = new Map(figuresIn({ total })?.facts);
  assert.equal(facts.get('Cost'), 'unknown');
  assert.equal(facts.get('Accepted'), '25 (unknown)');
  assert.equal(figuresIn(undefined), undefined);
  assert.equal(figuresIn({}), undefined);
});

test('days on which nothing was counted have a place in the chart', () => {
  const days = figuresIn(REPORT)?.days ?? [];
  assert.equal(days.length, 30);
  assert.deepEqual(days[0], { day: '2026-01-01', shown: 40, accepted: 10 });
  assert.deepEqual(days[2], { day: '2026-01-03', shown: 0, accepted: 0 });
  assert.equal(days.at(-1)?.day, '2026-01-30');
  assert.deepEqual(figuresIn({ ...REPORT, days: [] })?.days, []);
});

test('the page runs no script and loads nothing', () => {
  const page = pageOf(figuresIn(REPORT), 30, 'NONCE');
  assert.match(page, /content="default-src 'none'; style-src 'nonce-NONCE'"/);
  assert.ok(!/<script|javascript:|https?:|style="|<img/i.test(page));
});

test('names from outside are text and not markup', () => {
  const page = pageOf(figuresIn(REPORT), 30, 'N');
  assert.ok(page.includes('&lt;img src=x&gt;'));
  assert.equal(safe(`<a b="c" d='e'>&`), '&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;');
});

test('other periods are a click away', () => {
  const page = pageOf(figuresIn(REPORT), 30, 'N');
  assert.ok(page.includes('href="command:codestral-ls.statistics?%5B7%5D"'));
  assert.ok(page.includes('<span class="chosen">30 days</span>'));
});

test('bars are as high as their day', () => {
  const drawn = chart([
    { day: 'a', shown: 50, accepted: 25 },
    { day: 'b', shown: 100, accepted: 0 },
  ]);
  assert.deepEqual(
    [...drawn.matchAll(/height="([\d.]+)"\/>/g)].map((each) => Number(each[1])),
    [60, 30, 120, 0],
  );
});

test('of a long period several days share a bar', () => {
  const days = Array.from({ length: 365 }, (_, at) => ({ day: `${at}`, shown: 1, accepted: 0 }));
  const bars = [...chart(days).matchAll(/<g>/g)];
  assert.ok(bars.length <= 60 && bars.length > 30);
  assert.ok(chart(days).includes('0 of 7 accepted'));
});

test('a page without figures says so', () => {
  assert.match(pageOf(undefined, 30, 'N'), /There are no statistics/);
});
