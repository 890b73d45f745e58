// Notices on this phone: the switch in the profile, and the browser's word that it may be woken (Push API, VAPID).
(() => {
  "use strict";
  const box = document.querySelector("[data-push]");
  if (!box) return;
  const { key, subscribe, unsubscribe } = box.dataset;
  const possible = key && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

  function showState(state) {
    box.dataset.state = state;
    for (const part of box.querySelectorAll("[data-push-state]")) part.hidden = !part.dataset.pushState.split(" ").includes(state);
  }

  function keyBytes() {
    const text = atob(key.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  }

  async function post(address, body) {
    const headers = { "Content-Type": "application/json", ...JSON.parse(document.body.getAttribute("hx-headers")) };
    const answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(String(answer.status));
  }

  const isForKey = (subscription) => {
    const used = subscription.options?.applicationServerKey;
    return !used || String(new Uint8Array(used)) === String(keyBytes());
  };

  async function refresh() {
    if (!possible) return showState("impossible");
    if (Notification.permission === "denied") return showState("denied");
    const registration = await navigator.serviceWorker.ready;
    const subscription = await registration.pushManager.getSubscription();
    if (!subscription || !isForKey(subscription)) return showState("off");
    // The server may have lost it, or given it up: telling it again changes nothing else.
    await post(subscribe, subscription.toJSON());
    return showState("on");
  }

  async function turnOn() {
    showState("busy");
    if ((await Notification.requestPermission()) !== "granted") return refresh();
    const registration = await navigator.serviceWorker.ready;
    const old = await registration.pushManager.getSubscription();
    if (old && !isForKey(old)) await old.unsubscribe();
    const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: keyBytes() });
    await post(subscribe, subscription.toJSON());
    return showState("on");
  }

  async function turnOff() {
    showState("busy");
    const registration = await navigator.serviceWorker.ready;
    const subscription = await registration.pushManager.getSubscription();
    if (subscription) {
      await post(unsubscribe, { endpoint: subscription.endpoint });
      await subscription.unsubscribe();
    }
    return showState("off");
  }

  function failed() {
    window.TwinEV.notify(box.dataset.textFailed, "error");
    showState("off");
  }

  box.querySelector("[data-push-on]").addEventListener("click", () => turnOn().catch(failed));
  box.querySelector("[data-push-off]").addEventListener("click", () => turnOff().catch(failed));
  refresh().catch(() => showState("off"));
})();
