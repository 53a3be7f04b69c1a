import { EventEmitter } from "node:events";
import { readFile, writeFile } from "node:fs/promises";

export type Currency = "EUR" | "USD" | "CHF";

export interface Item {
  sku: string;
  title: string;
  quantity: number;
  unitPrice: number;
  currency: Currency;
}

export interface Order {
  id: string;
  customer: string;
  items: Item[];
  placedAt: Date;
  paid: boolean;
  notes?: string;
}

export class OutOfStock extends Error {
  constructor(
    readonly sku: string,
    readonly wanted: number,
    readonly available: number,
  ) {
    super(`${sku}: ${wanted} wanted, ${available} available`);
    this.name = "OutOfStock";
  }
}

export class Warehouse extends EventEmitter {
  private readonly stock = new Map<string, number>();
  private readonly reserved = new Map<string, number>();

  constructor(private readonly path: string) {
    super();
  }

  async load(): Promise<void> {
    const text = await readFile(this.path, "utf8");
    const rows: Array<[string, number]> = JSON.parse(text);
    this.stock.clear();
    for (const [sku, quantity] of rows) {
      this.stock.set(sku, quantity);
    }
    this.emit("loaded", this.stock.size);
  }

  async save(): Promise<void> {
    const rows = [...this.stock.entries()].sort(([a], [b]) => a.localeCompare(b));
    await writeFile(this.path, JSON.stringify(rows, null, 2), "utf8");
    this.emit("saved", rows.length);
  }

  available(sku: string): number {
    const inStock = this.stock.get(sku) ?? 0;
    const taken = this.reserved.get(sku) ?? 0;
    return Math.max(0, inStock - taken);
  }

  reserve(order: Order): void {
    for (const item of order.items) {
      const free = this.available(item.sku);
      if (free < item.quantity) {
        throw new OutOfStock(item.sku, item.quantity, free);
      }
    }
    for (const item of order.items) {
      const taken = this.reserved.get(item.sku) ?? 0;
      this.reserved.set(item.sku, taken + item.quantity);
    }
    this.emit("reserved", order.id);
  }

  ship(order: Order): void {
    for (const { sku, quantity } of order.items) {
      const inStock = this.stock.get(sku) ?? 0;
      const taken = this.reserved.get(sku) ?? 0;
      this.stock.set(sku, inStock - quantity);
      this.reserved.set(sku, Math.max(0, taken - quantity));
      if (inStock - quantity < 5) {
        this.emit("low", sku, inStock - quantity);
      }
    }
  }

  restock(sku: string, quantity: number): number {
    if (!Number.isInteger(quantity) || quantity <= 0) {
      throw new RangeError(`not a quantity: ${quantity}`);
    }
    const total = (this.stock.get(sku) ?? 0) + quantity;
    this.stock.set(sku, total);
    return total;
  }
}

export function total(order: Order, rates: Record<Currency, number>): number {
  let sum = 0;
  for (const item of order.items) {
    const rate = rates[item.currency];
    if (rate === undefined) {
      throw new Error(`no rate for ${item.currency}`);
    }
    sum += item.quantity * item.unitPrice * rate;
  }
  return Math.round(sum * 100) / 100;
}

export function byCustomer(orders: readonly Order[]): Map<string, Order[]> {
  const groups = new Map<string, Order[]>();
  for (const order of orders) {
    const group = groups.get(order.customer);
    if (group) {
      group.push(order);
    } else {
      groups.set(order.customer, [order]);
    }
  }
  return groups;
}

export function unpaid(orders: readonly Order[], now: Date, days = 14): Order[] {
  const limit = now.getTime() - days * 24 * 60 * 60 * 1000;
  return orders
    .filter((order) => !order.paid)
    .filter((order) => order.placedAt.getTime() < limit)
    .sort((a, b) => a.placedAt.getTime() - b.placedAt.getTime());
}

export function parseOrder(line: string): Order {
  const [id, customer, date, paid, ...rest] = line.split(";");
  if (!id || !customer || !date) {
    throw new SyntaxError(`incomplete order: ${line}`);
  }
  const items: Item[] = [];
  for (const part of rest) {
    const [sku, title, quantity, price, currency] = part.split(",");
    items.push({
      sku: sku.trim(),
      title: title.trim(),
      quantity: Number.parseInt(quantity, 10),
      unitPrice: Number.parseFloat(price),
      currency: currency.trim() as Currency,
    });
  }
  return { id, customer, items, placedAt: new Date(date), paid: paid === "yes" };
}

export function describe(order: Order): string {
  const lines = order.items.map((item) => {
    const price = item.unitPrice.toFixed(2);
    return `${item.quantity} × ${item.title} at ${price} ${item.currency}`;
  });
  const state = order.paid ? "paid" : "open";
  return [`Order ${order.id} (${state})`, ...lines].join("\n");
}

export async function importOrders(path: string, warehouse: Warehouse): Promise<Order[]> {
  const text = await readFile(path, "utf8");
  const orders: Order[] = [];
  for (const line of text.split("\n")) {
    if (line.trim() === "" || line.startsWith("#")) {
      continue;
    }
    const order = parseOrder(line);
    try {
      warehouse.reserve(order);
      orders.push(order);
    } catch (error) {
      if (!(error instanceof OutOfStock)) {
        throw error;
      }
      console.warn(`order ${order.id} is left out: ${error.message}`);
    }
  }
  return orders;
}
