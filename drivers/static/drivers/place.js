// Placing a charge point: the pin stands still in the middle of the map, the map moves under it.
(() => {
  "use strict";
  const box = document.querySelector("[data-place]");
  if (!box) return;
  const latitude = document.querySelector(box.dataset.latitude);
  const longitude = document.querySelector(box.dataset.longitude);
  const element = box.querySelector("[data-map]");
  const view = window.TwinEV.map(element);
  let isTouched = false;

  function keep() {
    const centre = view.map.getCenter();
    latitude.value = centre.lat.toFixed(6);
    longitude.value = centre.lng.toFixed(6);
  }

  function follow() {
    const place = [Number(latitude.value), Number(longitude.value)];
    if (latitude.value && longitude.value && place.every(Number.isFinite)) view.map.setView(place, Math.max(view.map.getZoom(), 16), { animate: false });
  }

  for (const name of ["pointerdown", "keydown", "wheel"]) element.addEventListener(name, () => (isTouched = true), { passive: true });
  element.addEventListener("map:located", () => (isTouched = true));
  // The map also moves by itself, when it is laid out: that is no choice.
  element.addEventListener("map:moved", () => isTouched && keep());
  for (const field of [latitude, longitude]) field.addEventListener("change", follow);
})();
