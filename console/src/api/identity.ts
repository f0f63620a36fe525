import { ApiError, signedOut } from './client';
import { readSession, type Session } from './session';

/**
 * Whose session this page works with. The cookie is the browser's and not the page's: another tab may sign in as somebody else, and what
 * this page began must not go on as them. Each session signs with a key of its own, so the URLs tell.
 */
export class Identity {
  private arn: string | null = null;
  private signer: string | null = null;
  /** Whose the URLs of a signer are, asked once however many of them there are. */
  private asked: { signer: string | null; answer: Promise<Session | null> } | null = null;

  constructor(private readonly read: typeof readSession = readSession, private readonly onOther: () => void = signedOut) {}

  /** From now on the page works for this principal. */
  begin(arn: string) {
    if (arn !== this.arn) this.signer = this.asked = null;
    this.arn = arn;
  }
  end() {
    this.arn = this.signer = this.asked = null;
  }

  /** Throws when a URL is signed by the session of somebody else. */
  async check(url: string) {
    const signer = new URL(url).searchParams.get('X-Amz-Credential')?.split('/')[0] ?? null;
    if (this.arn === null || signer === this.signer) return;
    const arn = this.arn;
    // The first URL, or that of a new session: whose is asked.
    if (this.asked?.signer !== signer) this.asked = { signer, answer: this.read() };
    const asked = this.asked;
    const session = await asked.answer.catch((error: unknown) => {
      if (this.asked === asked) this.asked = null;
      throw error;
    });
    if (session?.arn === arn && this.arn === arn) {
      this.signer = signer;
      return;
    }
    this.onOther();
    throw new ApiError('Somebody else has signed in in another tab of this browser.', 401);
  }
}

export const identity = new Identity();

/** Tabs tell each other when somebody signs in or out, so that none goes on showing what another has ended. */
export const tabs = globalThis.BroadcastChannel ? new BroadcastChannel('tarn-session') : null;
