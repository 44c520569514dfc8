/* clock — the globals of time, played by the test: nothing here waits for a real second. */

interface Timer {
  at: number;
  every: number;
  fn: () => void;
}

export class Clock {
  now = 1_000_000;
  private next = 1;
  private readonly timers = new Map<number, Timer>();
  private readonly real = { setTimeout, clearTimeout, setInterval, clearInterval, now: Date.now };

  install(): void {
    const add = (fn: () => void, ms: number, every: number): number => {
      const id = this.next++;
      this.timers.set(id, { at: this.now + ms, every, fn });
      return id;
    };
    const drop = (id: unknown): void => void this.timers.delete(id as number);
    Object.assign(globalThis, {
      setTimeout: (fn: () => void, ms = 0) => add(fn, ms, 0),
      setInterval: (fn: () => void, ms = 0) => add(fn, ms, ms),
      clearTimeout: drop,
      clearInterval: drop,
    });
    Date.now = () => this.now;
  }

  uninstall(): void {
    const { now, ...timers } = this.real;
    Object.assign(globalThis, timers);
    Date.now = now;
  }

  tick(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const due = [...this.timers].filter(([, t]) => t.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      const [id, t] = due;
      this.now = Math.max(this.now, t.at);
      if (t.every > 0) t.at += t.every;
      else this.timers.delete(id);
      t.fn();
    }
    this.now = end;
  }
}
