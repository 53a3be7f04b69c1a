const VOID = new Set(["br", "hr", "img", "input", "link", "meta"]);

export class Cursor {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  get done() {
    return this.at >= this.text.length;
  }

  peek(size = 1) {
    return this.text.slice(this.at, this.at + size);
  }

  take(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found || found.index !== this.at) {
      return "";
    }
    this.at += found[0].length;
    return found[0];
  }

  expect(expected) {
    if (this.peek(expected.length) !== expected) {
      const line = this.text.slice(0, this.at).split("\n").length;
      throw new SyntaxError(`line ${line}: ${expected} expected`);
    }
    this.at += expected.length;
  }
}

export function parse(text) {
  const cursor = new Cursor(text);
  const root = { tag: "", attributes: {}, children: [] };
  const open = [root];
  while (!cursor.done) {
    const parent = open[open.length - 1];
    if (cursor.peek(4) === "<!--") {
      const end = text.indexOf("-->", cursor.at);
      cursor.at = end < 0 ? text.length : end + 3;
    } else if (cursor.peek(2) === "</") {
      cursor.expect("</");
      const tag = cursor.take(/[\w-]+/g).toLowerCase();
      cursor.take(/\s*/g);
      cursor.expect(">");
      closeTag(open, tag);
    } else if (cursor.peek() === "<") {
      const node = parseTag(cursor);
      parent.children.push(node);
      if (!node.closed && !VOID.has(node.tag)) {
        open.push(node);
      }
    } else {
      parent.children.push(unescape(cursor.take(/[^<]+/g)));
    }
  }
  return root.children;
}

function closeTag(open, tag) {
  for (let depth = open.length - 1; depth > 0; depth -= 1) {
    if (open[depth].tag === tag) {
      open.length = depth;
      return;
    }
  }
}

function parseTag(cursor) {
  cursor.expect("<");
  const tag = cursor.take(/[\w-]+/g).toLowerCase();
  const attributes = {};
  cursor.take(/\s*/g);
  while (!cursor.done && !/[/>]/.test(cursor.peek())) {
    const name = cursor.take(/[^\s=/>]+/g);
    cursor.take(/\s*/g);
    if (cursor.peek() === "=") {
      cursor.expect("=");
      cursor.take(/\s*/g);
      attributes[name] = parseValue(cursor);
    } else {
      attributes[name] = true;
    }
    cursor.take(/\s*/g);
  }
  const closed = cursor.peek() === "/";
  if (closed) {
    cursor.expect("/");
  }
  cursor.expect(">");
  return { tag, attributes, closed, children: [] };
}

function parseValue(cursor) {
  const quote = cursor.peek();
  if (quote !== '"' && quote !== "'") {
    return unescape(cursor.take(/[^\s>]+/g));
  }
  cursor.expect(quote);
  const value = cursor.take(quote === '"' ? /[^"]*/g : /[^']*/g);
  cursor.expect(quote);
  return unescape(value);
}

const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: "\u00a0" };

export function unescape(text) {
  return text.replace(/&(#?\w+);/g, (whole, name) => {
    if (name.startsWith("#x")) {
      return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    }
    if (name.startsWith("#")) {
      return String.fromCodePoint(Number(name.slice(1)));
    }
    return ENTITIES[name] ?? whole;
  });
}

export function escape(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

export function render(node, indent = 0) {
  if (typeof node === "string") {
    return " ".repeat(indent) + escape(node.trim());
  }
  const attributes = Object.entries(node.attributes)
    .map(([name, value]) => (value === true ? ` ${name}` : ` ${name}="${escape(value)}"`))
    .join("");
  const opening = `${" ".repeat(indent)}<${node.tag}${attributes}>`;
  if (VOID.has(node.tag)) {
    return opening;
  }
  const inner = node.children.map((child) => render(child, indent + 2));
  return [opening, ...inner, `${" ".repeat(indent)}</${node.tag}>`].join("\n");
}

export function select(nodes, test) {
  const found = [];
  const queue = [...nodes];
  while (queue.length > 0) {
    const node = queue.shift();
    if (typeof node === "string") {
      continue;
    }
    if (test(node)) {
      found.push(node);
    }
    queue.unshift(...node.children);
  }
  return found;
}

export const byTag = (tag) => (node) => node.tag === tag;
export const byClass = (name) => (node) => {
  const classes = String(node.attributes.class ?? "").split(/\s+/);
  return classes.includes(name);
};
