// Messages between the frame and the page around it: only the page around it, only from its origin.
const PROTOCOL = "statefulset-playground";
const PASSED_MAX = 50_000;

export function host_origin() {
  try {
    return new URL(document.referrer).origin;
  } catch {
    return "";
  }
}

/** The frame's title, or the name that it was given where that cannot be seen. */
export function frame_name() {
  try {
    return frameElement?.title || window.name;
  } catch {
    return window.name;
  }
}

export function listen(host, receive) {
  addEventListener("message", ({ source, origin, data }) => {
    if (parent === window || source !== parent || origin !== host) return;
    let json = `{"protocol":"${PROTOCOL}"}`; // what cannot be written is wrong, if it is for us
    try {
      json = JSON.stringify(data) ?? "";
    } catch {
      if (data?.protocol !== PROTOCOL) return;
    }
    receive(json.slice(0, PASSED_MAX));
  });
}

export function tell(host, json) {
  if (parent === window || !host) return;
  parent.postMessage(JSON.parse(json), host === "null" ? "*" : host);
}
