/** The server's report as the page needs it: whatever is missing or of another kind is left out. Pure. */

export interface Day {
  readonly day: string;
  readonly shown: number;
  readonly accepted: number;
}

/** A row of a table, of figures in words. */
export interface Row {
  readonly name: string;
  readonly cells: readonly string[];
}

export interface Figures {
  readonly from: string;
  readonly to: string;
  readonly facts: readonly (readonly [string, string])[];
  readonly days: readonly Day[];
  readonly tables: readonly { readonly title: string; readonly rows: readonly Row[] }[];
}

type Json = Readonly<Record<string, unknown>>;

/** What `codestral.statistics` has brought; undefined if that is no report. */
export function figuresIn(report: unknown): Figures | undefined {
  if (!isObject(report) || !isObject(report['total'])) {
    return undefined;
  }
  const tables = [
    { title: 'Language', rows: rowsOf(report['languages'], 'language') },
    { title: 'Provider', rows: rowsOf(report['providers'], 'provider') },
    { title: 'Model', rows: rowsOf(report['models'], 'model') },
  ];
  return {
    from: text(report['from']),
    to: text(report['to']),
    facts: factsOf(report['total'], isObject(report['month']) ? report['month'] : {}),
    days: everyDay(text(report['from']), text(report['to']), daysOf(report['days'])),
    tables: tables.filter((each) => each.rows.length > 0),
  };
}

function daysOf(value: unknown): Day[] {
  return objects(value).map((each) => ({
    day: text(each['day']),
    shown: amount(each['shown']),
    accepted: amount(each['accepted']),
  }));
}

const DAY_MS = 24 * 3600 * 1000;

/** The days from one to another with those on which nothing was counted, which the report leaves out. */
function everyDay(from: string, to: string, counted: readonly Day[]): readonly Day[] {
  const [first, last] = [Date.parse(from), Date.parse(to)];
  if (counted.length === 0 || Number.isNaN(first) || Number.isNaN(last)) {
    return counted;
  }
  const known = new Map(counted.map((each) => [each.day, each]));
  const length = Math.round((last - first) / DAY_MS) + 1;
  return Array.from({ length }, (_, at) => {
    const day = new Date(first + at * DAY_MS).toISOString().slice(0, 10);
    return known.get(day) ?? { day, shown: 0, accepted: 0 };
  });
}

/** What the columns of the tables hold. */
export const COLUMNS = ['Requests', 'Shown', 'Accepted', 'Median', 'Cost'] as const;

function factsOf(total: Json, month: Json): (readonly [string, string])[] {
  const latency = isObject(total['latency_ms']) ? total['latency_ms'] : {};
  const answer = isObject(latency['answer']) ? latency['answer'] : {};
  const tokens = isObject(total['tokens']) ? total['tokens'] : {};
  return [
    ['Shown', count(total['shown'])],
    ['Accepted', `${count(total['accepted'])} (${share(total['acceptance'])})`],
    ['Characters saved', count(total['characters_saved'])],
    ['Answered without a request', share(total['answered_without_request'])],
    ['Median until the answer', milliseconds(answer['p50'])],
    ['19 of 20 within', milliseconds(answer['p95'])],
    ['Tokens sent', count(tokens['prompt'])],
    ['Tokens generated', count(tokens['completion'])],
    ['Cost', money(total['cost'])],
    ['This month', `${money(month['cost'])}, by its end ${money(month['projected_cost'])}`],
  ];
}

function rowsOf(value: unknown, key: string): Row[] {
  return objects(value).map((each) => {
    const latency = isObject(each['latency_ms']) ? each['latency_ms'] : {};
    const answer = isObject(latency['answer']) ? latency['answer'] : {};
    return {
      name: text(each[key]) || 'none',
      cells: [
        count(each['requests']),
        count(each['shown']),
        count(each['accepted']),
        milliseconds(answer['p50']),
        money(each['cost']),
      ],
    };
  });
}

function objects(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function amount(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

function count(value: unknown): string {
  return amount(value).toLocaleString('en');
}

function share(value: unknown): string {
  return typeof value === 'number' ? `${Math.round(value * 100)} %` : 'unknown';
}

function milliseconds(value: unknown): string {
  return amount(value) > 0 ? `${Math.round(amount(value)).toLocaleString('en')} ms` : '–';
}

/** Null is a cost of which nothing is known. */
function money(value: unknown): string {
  return typeof value === 'number' ? value.toFixed(2) : 'unknown';
}
