"use strict";

const { EventEmitter, once } = require("node:events");
const { setTimeout: sleep } = require("node:timers/promises");

const DEFAULTS = {
  concurrency: 4,
  retries: 2,
  backoff: (attempt) => 100 * 2 ** attempt,
};

/**
 * A queue of asynchronous jobs with retries.
 *
 * @example
 * const queue = new JobQueue({ concurrency: 2 });
 * queue.push("resize", () => resize("a.png"));
 */
class JobQueue extends EventEmitter {
  #waiting = [];
  #running = new Map();

  constructor(options = {}) {
    super();
    this.options = { ...DEFAULTS, ...options };
    this.failed = [];
  }

  get size() {
    return this.#waiting.length + this.#running.size;
  }

  push(name, job) {
    if (typeof job !== "function") {
      throw new TypeError(`job "${name}" is not a function (got ${typeof job})`);
    }
    this.#waiting.push({ name, job, attempt: 0 });
    this.emit("pushed", name);
    queueMicrotask(() => this.#fill());
    return this;
  }

  #fill() {
    while (this.#running.size < this.options.concurrency && this.#waiting.length > 0) {
      const entry = this.#waiting.shift();
      this.#running.set(entry, this.#run(entry));
    }
    if (this.size === 0) {
      this.emit("idle");
    }
  }

  async #run(entry) {
    const { name, job } = entry;
    try {
      const result = await job();
      this.emit("done", name, result);
    } catch (error) {
      if (entry.attempt < this.options.retries) {
        await sleep(this.options.backoff(entry.attempt));
        this.#waiting.push({ ...entry, attempt: entry.attempt + 1 });
      } else {
        this.failed.push({ name, error });
        this.emit("failed", name, error);
      }
    } finally {
      this.#running.delete(entry);
      this.#fill();
    }
  }

  async drain({ timeout = 5000 } = {}) {
    if (this.size === 0) return this.failed;
    const timer = AbortSignal.timeout(timeout);
    await once(this, "idle", { signal: timer });
    return this.failed;
  }
}

function describe(event) {
  switch (event.kind) {
    case "done":
      return `✓ ${event.name}`;
    case "failed":
      return `✗ ${event.name}: ${event.error.message}`;
    default:
      return `? ${JSON.stringify(event)}`;
  }
}

const colours = {
  done: [0, 160, 80],
  failed: [200, 40, 40],
  idle: [120, 120, 120],
};

function paint(kind, text) {
  const [red, green, blue] = colours[kind] ?? colours.idle;
  return `\u001b[38;2;${red};${green};${blue}m${text}\u001b[0m`;
}

function summarise(queue) {
  // Failed jobs come first, sorted by their names.
  return queue.failed
    .map(({ name, error }) => ({ name, message: error.message }))
    .sort((a, b) => a.name.localeCompare(b.name))
    .slice(0, 10);
}

module.exports = { JobQueue, describe, paint, summarise };
