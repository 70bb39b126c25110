// Between an exercise and a learning management system: SCORM 1.2 and SCORM 2004 (4th edition).
// The page tells how far the learner is; this reports score and completion, keeps the hand-in code as resume data, and
// gives it back to the page the next time.

const SUSPEND_MAX = { "1.2": 4_096, 2004: 64_000 };
const PARENTS_MAX = 500;

// The API object is searched as the standards say: up the frames, then up those of the window that opened this one.
export function findApi(start) {
  for (const [name, version] of [["API_1484_11", "2004"], ["API", "1.2"]]) {
    for (const first of [start, start.opener]) {
      let at = first;
      for (let count = 0; at && count < PARENTS_MAX; count += 1) {
        try {
          if (at[name]) return { api: at[name], version };
        } catch {
          break; // another origin's frame
        }
        at = at.parent === at ? null : at.parent;
      }
    }
  }
  return null;
}

const CALLS = {
  "1.2": { begin: "LMSInitialize", get: "LMSGetValue", set: "LMSSetValue", keep: "LMSCommit", end: "LMSFinish" },
  2004: { begin: "Initialize", get: "GetValue", set: "SetValue", keep: "Commit", end: "Terminate" },
};

const isTrue = (answer) => answer === true || answer === "true";

export class Attempt {
  constructor({ api, version }) {
    this.version = version;
    this.calls = CALLS[version];
    this.api = api;
    this.began = Date.now();
    this.written = new Map();
    this.best = 0;
    this.passed = false;
    this.isOpen = false;
  }

  call(what, ...values) {
    return this.api[this.calls[what]](...values);
  }

  begin() {
    this.isOpen = isTrue(this.call("begin", ""));
    if (!this.isOpen) return "";
    const is12 = this.version === "1.2";
    this.best = Number(this.call("get", is12 ? "cmi.core.score.raw" : "cmi.score.raw")) || 0;
    this.passed = this.call("get", is12 ? "cmi.core.lesson_status" : "cmi.success_status") === "passed";
    return String(this.call("get", "cmi.suspend_data") ?? "");
  }

  // An unchanged value is not sent again.
  set(name, value) {
    if (this.written.get(name) === value) return;
    if (isTrue(this.call("set", name, value))) this.written.set(name, value);
  }

  // What was reached once is not taken back.
  report({ reached, total, code }) {
    if (!this.isOpen || !(total > 0)) return;
    this.best = Math.max(this.best, Math.round((100 * reached) / total));
    this.passed ||= reached === total;
    const score = String(this.best);
    if (this.version === "1.2") {
      this.set("cmi.core.score.min", "0");
      this.set("cmi.core.score.max", "100");
      this.set("cmi.core.score.raw", score);
      this.set("cmi.core.lesson_status", this.passed ? "passed" : "incomplete");
    } else {
      this.set("cmi.score.min", "0");
      this.set("cmi.score.max", "100");
      this.set("cmi.score.raw", score);
      this.set("cmi.score.scaled", String(this.best / 100));
      this.set("cmi.completion_status", this.passed ? "completed" : "incomplete");
      this.set("cmi.success_status", this.passed ? "passed" : "unknown");
    }
    // Too much for the system: what it has from earlier stays.
    if (code && code.length < SUSPEND_MAX[this.version]) this.set("cmi.suspend_data", code);
    this.call("keep", "");
  }

  end() {
    if (!this.isOpen) return;
    this.isOpen = false;
    const seconds = Math.round((Date.now() - this.began) / 1000);
    const is12 = this.version === "1.2";
    this.set(is12 ? "cmi.core.session_time" : "cmi.session_time", is12 ? clock(seconds) : `PT${seconds}S`);
    this.set(is12 ? "cmi.core.exit" : "cmi.exit", "suspend");
    this.call("keep", "");
    this.call("end", "");
  }
}

function clock(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  return `${String(Math.floor(seconds / 3600)).padStart(4, "0")}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

function start() {
  const frame = document.getElementById("exercise");
  const found = findApi(window);
  const attempt = found && new Attempt(found);
  const kept = attempt?.begin() ?? "";
  if (!attempt?.isOpen) {
    const problem = document.getElementById("problem");
    problem.textContent = "No learning management system answers: nothing is reported. 没有找到学习平台，成绩不会上报。";
    problem.hidden = false;
  }
  frame.addEventListener("load", () => {
    const page = frame.contentWindow;
    page.addEventListener("exercise", ({ detail }) => attempt?.report(detail));
    if (page.exerciseState) attempt?.report(page.exerciseState);
  });
  const isCode = /^[A-Za-z0-9_-]+$/.test(kept);
  frame.src = `../index.html#${isCode ? `r=${kept}` : `l=${globalThis.exerciseOfPackage}`}`;
  window.addEventListener("pagehide", () => attempt?.end());
}

if (document.getElementById("exercise")) start();
