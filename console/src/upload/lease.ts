/** Who sends an upload: one tab of the browser at a time. A tab that is closed, or crashes, has none. */
export interface Leases {
  /** Takes an upload, and returns what gives it back; null while another tab has it. A new one nobody else can know. */
  take(id: string, isNew: boolean): Promise<(() => void) | null>;
  /** Those of these that another tab has. */
  takenOf(ids: string[]): Promise<Set<string>>;
}

const name = (id: string) => `tarn-upload ${id}`;

export function openLeases(locks: LockManager | undefined = globalThis.navigator?.locks, channel: ChannelFactory | undefined = defaultChannel()): Leases {
  if (locks) return new LockLeases(locks);
  return channel ? new ChannelLeases(channel()) : { take: async () => () => undefined, takenOf: async () => new Set() };
}

/** By the browser's own locks. They exist in secure contexts only. */
class LockLeases implements Leases {
  private mine = new Set<string>();
  constructor(private readonly locks: LockManager) {}

  take(id: string) {
    return new Promise<(() => void) | null>((resolve, reject) => {
      this.locks
        .request(name(id), { ifAvailable: true }, (lock) => {
          if (!lock) return resolve(null);
          this.mine.add(id);
          return new Promise<void>((release) => resolve(() => {
            this.mine.delete(id);
            release();
          }));
        })
        .catch(reject);
    });
  }
  async takenOf(ids: string[]) {
    const held = new Set((await this.locks.query()).held?.map((lock) => lock.name));
    return new Set(ids.filter((id) => held.has(name(id)) && !this.mine.has(id)));
  }
}

/** What leases need of a BroadcastChannel. */
export type Channel = Pick<BroadcastChannel, 'postMessage' | 'onmessage'>;
type ChannelFactory = () => Channel;
const defaultChannel = (): ChannelFactory | undefined => (globalThis.BroadcastChannel ? () => new BroadcastChannel('tarn-uploads') : undefined);

type Message = { from: string; ask: string[]; claim?: number } | { to: string; held: string[] };

/**
 * By asking the other tabs, where the page is on plain HTTP. Who has an upload says so; of two that ask at the same time, the one with
 * the lower number gets it. A tab that does not answer in time is gone, or sends nothing.
 */
class ChannelLeases implements Leases {
  private readonly self = `${Date.now()}-${Math.random()}`;
  private readonly mine = new Set<string>();
  private readonly claims = new Map<string, number>();
  private readonly heard = new Set<string>();
  constructor(private readonly channel: Channel) {
    channel.onmessage = (event: MessageEvent<Message>) => this.hear(event.data);
  }

  private hear(message: Message) {
    if ('held' in message) {
      if (message.to === this.self) message.held.forEach((id) => this.heard.add(id));
      return;
    }
    const held = message.ask.filter((id) => {
      if (this.mine.has(id)) return true;
      const claim = this.claims.get(id);
      if (claim === undefined || message.claim === undefined) return false;
      if (claim < message.claim) return true;
      this.heard.add(id);
      return false;
    });
    if (held.length > 0) this.channel.postMessage({ to: message.from, held } satisfies Message);
  }

  private async ask(ids: string[], claim?: number) {
    ids.forEach((id) => this.heard.delete(id));
    this.channel.postMessage({ from: this.self, ask: ids, ...(claim === undefined ? {} : { claim }) } satisfies Message);
    await new Promise((resolve) => setTimeout(resolve, 300));
    return new Set(ids.filter((id) => this.heard.has(id)));
  }

  async take(id: string, isNew: boolean) {
    if (!isNew) {
      if (this.mine.has(id) || this.claims.has(id)) return null;
      const claim = Math.random();
      this.claims.set(id, claim);
      const taken = await this.ask([id], claim);
      this.claims.delete(id);
      if (taken.has(id)) return null;
    }
    this.mine.add(id);
    return () => void this.mine.delete(id);
  }

  takenOf(ids: string[]) {
    return ids.length === 0 ? Promise.resolve(new Set<string>()) : this.ask(ids);
  }
}
