// What `<statefulset-playground>` offers to scripts. Attributes are in docs/recipes.md.

/** A Pod of a set; absent ones are left out. */
export interface PodState {
  name: string;
  ordinal: number;
  /** kubectl's STATUS cell. */
  status: string;
  /** kubectl's READY cell, `1/1`. */
  ready: string;
  /** "" before it is placed. */
  node: string;
}

export interface SetState {
  namespace: string;
  name: string;
  wanted: number;
  ready: number;
  pods: PodState[];
}

/** What is shown. Times are seconds after the start. */
export interface PlaygroundState {
  at: number;
  end: number;
  playing: boolean;
  sets: SetState[];
  /** Names of Pods that no set owns. */
  others: string[];
}

export interface StepOptions {
  unit?: "write" | "decision" | "phase";
  direction?: "forward" | "back";
}

export interface PlaygroundEventMap {
  /** It shows what it was asked to show. */
  ready: CustomEvent<PlaygroundState>;
  /** The cluster, the shown instant or the flow of time changed. */
  change: CustomEvent<PlaygroundState>;
  /** Another step of the lesson is shown. */
  step: CustomEvent<{ index: number; count: number; title: string }>;
  /** A goal of the lesson was reached, or is no longer. */
  goal: CustomEvent<{ id: string; say: string; outcome: "open" | "passed" | "broken" }>;
  /** Something was asked for that cannot be done, or came that should not. */
  error: CustomEvent<{
    code: "options" | "lesson" | "message" | "origin" | "no-answer";
    message: string;
  }>;
}

export declare class StatefulSetPlayground extends HTMLElement {
  /** Lets time flow; starts the playground if it has not started. So do the others. */
  play(): Promise<PlaygroundState>;
  pause(): Promise<PlaygroundState>;
  /** Shows the instant so many seconds after the start. */
  seek(seconds: number): Promise<PlaygroundState>;
  /** One step; without options to the next write. */
  step(options?: StepOptions): Promise<PlaygroundState>;
  getState(): Promise<PlaygroundState>;
  /** Takes the frame away and shows the poster again. */
  dispose(): void;

  addEventListener<K extends keyof PlaygroundEventMap>(
    type: K,
    listener: (this: StatefulSetPlayground, event: PlaygroundEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "statefulset-playground": StatefulSetPlayground;
  }
}
