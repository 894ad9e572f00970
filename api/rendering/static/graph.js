// The graph of a paper: loaded when it is about to be seen, with titles at once, zoom, and the edges
// of one paper. Without this script the page has a picture that links to the graph.
"use strict";

for (const frame of document.querySelectorAll(".graph")) {
  const buttons = document.createElement("div"); // has its height before it has its buttons
  buttons.className = "zoom";
  frame.prepend(buttons);
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      load(frame, buttons);
    },
    { rootMargin: "600px 0px" },
  );
  observer.observe(frame);
}

async function load(frame, buttons) {
  const place = frame.querySelector(".picture");
  place.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(frame.dataset.picture);
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
    const drawn = new DOMParser().parseFromString(await response.text(), "image/svg+xml");
    const svg = document.importNode(drawn.documentElement, true);
    place.replaceChildren(svg);
    present(frame, buttons, svg);
  } catch (error) {
    const failure = document.createElement("p");
    failure.setAttribute("role", "status");
    failure.textContent = `The graph was not loaded: ${error.message}. The link “SVG” opens it.`;
    place.replaceChildren(failure);
  }
  place.removeAttribute("aria-busy");
}

function present(frame, buttons, svg) {
  const [left, top, width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  const home = { x: left, y: top, width, height };
  const view = { ...home };
  const links = [...svg.querySelectorAll("a")];
  const edges = [...svg.querySelectorAll("path")];
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  frame.append(tip);
  let shown = null;
  let touched = false;

  // ---- buttons
  for (const [text, label, action] of [
    ["+", "Zoom in", () => zoomByButton(1 / 1.5)],
    ["−", "Zoom out", () => zoomByButton(1.5)],
    ["Reset", "Show the whole graph", () => zoom(Infinity)],
  ]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", action);
    buttons.append(button);
  }

  // ---- titles
  for (const link of links) {
    const title = link.querySelector("title");
    link.setAttribute("aria-label", title.textContent);
    title.remove(); // the browser would show it too, a moment later
  }

  function hide() {
    tip.hidden = true;
    shown = null;
    for (const edge of edges) edge.classList.remove("dimmed");
  }

  function show(link, byTouch) {
    shown = link;
    const number = String(links.indexOf(link));
    for (const edge of edges) {
      edge.classList.toggle("dimmed", !edge.dataset.ends.split(" ").includes(number));
    }
    const title = document.createElement("p");
    title.textContent = link.getAttribute("aria-label");
    tip.replaceChildren(title);
    tip.classList.toggle("touched", byTouch);
    if (byTouch) {
      const open = document.createElement("a");
      open.href = link.getAttribute("href");
      open.textContent = "Open this paper";
      tip.append(open);
    }
    tip.hidden = false;
    const around = frame.getBoundingClientRect();
    const circle = link.querySelector("circle").getBoundingClientRect();
    const left = (circle.left + circle.right - tip.offsetWidth) / 2 - around.left;
    tip.style.left = `${Math.max(0, Math.min(left, around.width - tip.offsetWidth))}px`;
    const above = circle.top - around.top - tip.offsetHeight - 8;
    tip.style.top = `${above > buttons.offsetHeight ? above : circle.bottom - around.top + 8}px`;
  }

  for (const link of links) {
    link.addEventListener("pointerenter", (event) => {
      if (event.pointerType !== "touch") show(link, false);
    });
    link.addEventListener("pointerleave", (event) => {
      if (event.pointerType !== "touch" && document.activeElement !== link) hide();
    });
    link.addEventListener("pointerdown", (event) => (touched = event.pointerType === "touch"));
    link.addEventListener("focus", () => {
      if (touched) return;
      reveal(link);
      show(link, false);
    });
    link.addEventListener("blur", () => {
      if (!touched) hide();
    });
    link.addEventListener("click", (event) => {
      // The first tap shows the title, the second opens the paper.
      if (moved || (touched && shown !== link)) event.preventDefault();
      if (!moved && touched && shown !== link) show(link, true);
    });
  }
  document.addEventListener("pointerdown", (event) => {
    if (!frame.contains(event.target)) hide();
  });

  // ---- zoom
  function move(x, y) {
    view.x = Math.max(home.x, Math.min(x, home.x + home.width - view.width));
    view.y = Math.max(home.y, Math.min(y, home.y + home.height - view.height));
    svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
  }

  // A button zooms to the paper whose title is shown, or to the middle of the view.
  function zoomByButton(factor) {
    const box = shown?.getBBox();
    if (!box) return zoom(factor);
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    zoom(factor, x, y);
    move(x - view.width / 2, y - view.height / 2);
  }

  function zoom(factor, x = view.x + view.width / 2, y = view.y + view.height / 2) {
    const scale = Math.max(0.15, Math.min(1, (view.width * factor) / home.width));
    const left = (x - view.x) / view.width;
    const top = (y - view.y) / view.height;
    view.width = home.width * scale;
    view.height = home.height * scale;
    move(x - left * view.width, y - top * view.height);
    svg.classList.toggle("zoomed", scale < 1);
    hide();
  }

  function reveal(link) {
    if (view.width === home.width) return;
    const circle = link.querySelector("circle");
    move(circle.cx.baseVal.value - view.width / 2, circle.cy.baseVal.value - view.height / 2);
  }

  frame.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") hide();
    else if (event.key === "+" || event.key === "=") zoom(1 / 1.5);
    else if (event.key === "-") zoom(1.5);
    else if (event.key === "0") zoom(Infinity);
  });
  svg.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey) return; // the wheel alone scrolls the page
      event.preventDefault();
      const at = new DOMPoint(event.clientX, event.clientY);
      const point = at.matrixTransform(svg.getScreenCTM().inverse());
      zoom(event.deltaY < 0 ? 1 / 1.2 : 1.2, point.x, point.y);
    },
    { passive: false },
  );

  // ---- a zoomed graph is dragged by one finger and zoomed by two; before, fingers scroll the page
  let from = null;
  let moved = false;
  const fingers = new Map();
  const distance = ([one, other]) =>
    Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);

  function pinch(event) {
    const before = distance([...fingers.values()]);
    fingers.set(event.pointerId, event);
    const [one, other] = fingers.values();
    const x = (one.clientX + other.clientX) / 2;
    const y = (one.clientY + other.clientY) / 2;
    const point = new DOMPoint(x, y).matrixTransform(svg.getScreenCTM().inverse());
    zoom(before / distance([one, other]), point.x, point.y);
    moved = true;
    from = null; // the finger that stays does not drag
  }

  svg.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch") fingers.set(event.pointerId, event);
    moved = false;
    from = { x: event.clientX, y: event.clientY, left: view.x, top: view.y };
  });
  window.addEventListener("pointermove", (event) => {
    if (fingers.size === 2 && fingers.has(event.pointerId) && view.width < home.width) {
      pinch(event);
      return;
    }
    if (!from || view.width === home.width) return;
    const scale = 1 / svg.getScreenCTM().a;
    const [x, y] = [event.clientX - from.x, event.clientY - from.y];
    moved ||= Math.hypot(x, y) > 6;
    if (moved) move(from.left - x * scale, from.top - y * scale);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    window.addEventListener(end, (event) => {
      fingers.delete(event.pointerId);
      from = null;
    });
  }
  for (const link of links) link.addEventListener("dragstart", (event) => event.preventDefault());
}
