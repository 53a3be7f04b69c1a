import { createHash } from "node:crypto";
import type { Database, Row } from "./database";

export type Unit = "piece" | "kg" | "litre";

export interface Article {
  readonly sku: string;
  name: string;
  unit: Unit;
  price: number;
  tags?: string[];
}

type Listener<T> = (value: T, at: Date) => void;

export enum Movement {
  In = "in",
  Out = "out",
  Correction = "correction",
}

const EMPTY: Readonly<Article> = Object.freeze({
  sku: "",
  name: "(none)",
  unit: "piece",
  price: 0,
});

export class Inventory<T extends Article = Article> {
  private readonly articles = new Map<string, T>();
  private readonly listeners: Array<Listener<T>> = [];

  constructor(
    private readonly database: Database,
    private readonly currency = "EUR",
  ) {}

  async load(filter: Partial<T> = {}): Promise<number> {
    const rows: Row[] = await this.database.query("SELECT * FROM articles WHERE active = ?", [true]);
    for (const row of rows) {
      const article = this.decode(row);
      if (article === undefined) continue;
      this.articles.set(article.sku, article);
    }
    return Object.keys(filter).length > 0 ? this.count(filter) : this.articles.size;
  }

  private decode(row: Row): T | undefined {
    try {
      return JSON.parse(String(row["json"])) as T;
    } catch (error: unknown) {
      if (error instanceof SyntaxError) {
        console.warn(`row ${row.id}: ${error.message}`);
        return undefined;
      }
      throw error;
    }
  }

  count(filter: Partial<T>): number {
    const wanted = Object.entries(filter) as Array<[keyof T, unknown]>;
    return [...this.articles.values()].filter((article) =>
      wanted.every(([key, value]) => article[key] === value),
    ).length;
  }

  onChange(listener: Listener<T>): () => void {
    this.listeners.push(listener);
    return () => {
      const index = this.listeners.indexOf(listener);
      if (index >= 0) this.listeners.splice(index, 1);
    };
  }

  move(sku: string, movement: Movement, amount: number): void {
    const article = this.articles.get(sku);
    if (!article) {
      throw new RangeError(`no article "${sku}" here`);
    }
    switch (movement) {
      case Movement.In:
        this.database.add(sku, amount);
        break;
      case Movement.Out:
        this.database.add(sku, -amount);
        break;
      case Movement.Correction:
        this.database.set(sku, amount);
        break;
    }
    const now = new Date();
    this.listeners.forEach((listener) => listener(article, now));
  }

  // Prices are shown with two digits, whatever the locale says.
  format(article: Article = EMPTY): string {
    const price = article.price.toFixed(2).padStart(8, " ");
    return `${article.name} [${article.unit}]: ${price} ${this.currency}`;
  }
}

export function fingerprint(articles: Iterable<Article>): string {
  const hash = createHash("sha256");
  for (const { sku, price } of articles) {
    hash.update(`${sku}:${price};`);
  }
  return hash.digest("hex").slice(0, 12);
}
