import type { QueryClient } from "@tanstack/react-query";
import { client } from "@/api/client";
import { affectedBy } from "./affected";

/** How changes reach this page, and since when what it shows may be stale. */
export interface Liveness {
  state: "connecting" | "live" | "reconnecting" | "polling";
  staleSince: Date | undefined;
}

const PAUSE_MS = 250;
const POLL_MS = 15_000;
const PING_MS = 5 * 60_000;
const PLANNED_MS = 110 * 60_000;
const LONGEST_PAUSE_MS = 30_000;
const ATTEMPTS_BEFORE_POLLING = 3;

/**
 * Keeps what is on screen fresh: one WebSocket that only says how far the changes have come.
 *
 * The changes themselves are asked for, after every opening too, so that none is missed while there is no connection.
 * API Gateway closes a connection after 10 idle minutes and after 2 hours: hence the ping and the planned opening.
 */
export class Realtime {
  private socket: WebSocket | undefined;
  private known: number | undefined;
  private attempts = 0;
  private stopped = false;
  private readonly timers = new Set<number>();
  /** Asks while no connection opens; each attempt to open one ends the timers above, and not this. */
  private poll: number | undefined;
  private catchUp: Promise<void> | undefined;
  private behind = false;
  private current: Liveness = { state: "connecting", staleSince: undefined };

  constructor(
    private readonly queries: QueryClient,
    private readonly show: (liveness: Liveness) => void,
  ) {}

  start(): void {
    window.addEventListener("online", this.hurry);
    void this.open();
  }

  stop(): void {
    this.stopped = true;
    window.removeEventListener("online", this.hurry);
    this.clear();
    this.stopPolling();
    this.socket?.close();
  }

  private async open(): Promise<void> {
    this.clear();
    try {
      const { data } = await client.POST("/api/v1/realtime/ticket", {});
      if (this.stopped || !data) return;
      this.listen(new WebSocket(`${data.data.websocket_url}?ticket=${encodeURIComponent(data.data.ticket)}`));
    } catch {
      this.lost();
    }
  }

  private listen(socket: WebSocket): void {
    this.socket = socket;
    socket.onopen = () => {
      this.attempts = 0;
      this.stopPolling();
      this.set("live");
      void this.fetchChanges();
      this.repeat(PING_MS, () => socket.send('{"type":"ping"}'));
      this.after(PLANNED_MS, () => socket.close());
    };
    socket.onmessage = (event) => {
      const frame = JSON.parse(String(event.data)) as { latest?: number };
      if (frame.latest && frame.latest > (this.known ?? 0))
        this.after(PAUSE_MS, () => void this.fetchChanges());
    };
    socket.onclose = () => {
      if (this.socket === socket) this.lost();
    };
  }

  private lost(): void {
    this.socket = undefined;
    this.clear();
    if (this.stopped) return;
    this.attempts += 1;
    this.set(this.attempts > ATTEMPTS_BEFORE_POLLING ? "polling" : "reconnecting");
    if (this.current.state === "polling")
      this.poll ??= window.setInterval(() => void this.fetchChanges(), POLL_MS);
    const pause = Math.min(LONGEST_PAUSE_MS, 500 * 2 ** this.attempts);
    this.after(pause * (0.5 + Math.random() / 2), () => void this.open());
  }

  private hurry = (): void => {
    if (!this.socket) void this.open();
  };

  /** Ask for the changes, and load again what they affect. One question at a time; one more if frames came meanwhile. */
  private async fetchChanges(): Promise<void> {
    this.behind = true;
    this.catchUp ??= this.fetchUntilEqual().finally(() => {
      this.catchUp = undefined;
    });
    await this.catchUp;
  }

  private async fetchUntilEqual(): Promise<void> {
    try {
      while (this.behind && !this.stopped) {
        this.behind = false;
        const query = { since: this.known ?? 0, limit: this.known === undefined ? 1 : 1000 };
        const { data } = await client.GET("/api/v1/communications/changes", { params: { query } });
        if (data) this.apply(data.data);
      }
      if (this.current.state === "polling") this.set("polling");
    } catch {
      // The next frame, opening or poll asks again.
    }
  }

  private apply(found: {
    changes: { kind: string; sequence: number }[];
    latest: number;
    has_more: boolean;
    complete: boolean;
  }): void {
    const isFirst = this.known === undefined;
    if (isFirst || !found.complete) {
      this.known = found.latest;
      void this.queries.invalidateQueries();
      return;
    }
    this.known = found.has_more ? found.changes.at(-1)?.sequence : found.latest;
    this.behind ||= found.has_more;
    const paths = affectedBy(found.changes as never);
    void this.queries.invalidateQueries({
      predicate: ({ queryKey }) => paths.some((path) => String(queryKey[1]).startsWith(path)),
    });
  }

  private set(state: Liveness["state"]): void {
    const since = state === "reconnecting" ? (this.current.staleSince ?? new Date()) : undefined;
    this.current = { state, staleSince: since };
    this.show(this.current);
  }

  private after(milliseconds: number, action: () => void): void {
    this.timers.add(window.setTimeout(action, milliseconds));
  }

  private repeat(milliseconds: number, action: () => void): void {
    this.after(milliseconds, () => {
      action();
      this.repeat(milliseconds, action);
    });
  }

  private stopPolling(): void {
    window.clearInterval(this.poll);
    this.poll = undefined;
  }

  private clear(): void {
    for (const timer of this.timers) window.clearTimeout(timer);
    this.timers.clear();
  }
}
