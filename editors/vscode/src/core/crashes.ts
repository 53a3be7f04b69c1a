/** How often a server that ends by itself is started again. */

const MOST = 4;
const WITHIN_MS = 3 * 60_000;

/** The latest ends. */
export class Crashes {
  private times: number[] = [];

  /** Notes an end; true as long as there were not too many of them lately. */
  mayRestart(now: number): boolean {
    this.times = [...this.times.filter((each) => now - each < WITHIN_MS), now];
    return this.times.length <= MOST;
  }
}
