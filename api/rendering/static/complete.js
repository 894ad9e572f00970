// Completions of the search box: a combobox with a listbox (WAI-ARIA Authoring Practices). Without
// this script the box works as it is.
"use strict";

(() => {
  const WAIT = 200; // milliseconds after the last key
  const KINDS = { title: "Paper", author: "Author", tag: "Tag", category: "Category" };
  const known = new Map();
  let pausedUntil = 0;

  async function completions(typed, signal) {
    if (known.has(typed)) return known.get(typed);
    if (Date.now() < pausedUntil) return [];
    const response = await fetch(`/v1/complete?q=${encodeURIComponent(typed)}&limit=4`, { signal });
    if (response.status === 429 || response.status === 503) {
      // The server wants fewer requests: the box works without completions meanwhile.
      pausedUntil = Date.now() + 1000 * (Number(response.headers.get("Retry-After")) || 30);
    }
    if (!response.ok) return [];
    const found = (await response.json()).completions;
    known.set(typed, found);
    return found;
  }

  function enhance(input, number) {
    const list = document.createElement("ul");
    const status = document.createElement("span");
    list.id = `completions-${number}`;
    list.className = "suggestions";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Completions");
    list.hidden = true;
    status.className = "off-screen";
    status.setAttribute("role", "status");
    const frame = document.createElement("span");
    frame.className = "combobox";
    input.before(frame);
    frame.append(input, list, status);
    for (const [name, value] of Object.entries({
      role: "combobox", autocomplete: "off", "aria-autocomplete": "list",
      "aria-expanded": "false", "aria-controls": list.id, "aria-haspopup": "listbox",
    })) input.setAttribute(name, value);

    let chosen = -1;
    let shown = [];
    let timer = 0;
    let request = null;

    function close() {
      clearTimeout(timer);
      request?.abort();
      list.hidden = true;
      shown = [];
      choose(-1);
      input.setAttribute("aria-expanded", "false");
    }

    function choose(place) {
      chosen = place;
      [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === place)));
      if (place < 0) input.removeAttribute("aria-activedescendant");
      else {
        input.setAttribute("aria-activedescendant", list.children[place].id);
        list.children[place].scrollIntoView({ block: "nearest" });
      }
    }

    function accept(one) {
      if (one.kind === "title" && one.id) {
        close();
        location.assign(`/papers/${one.id}`);
        return;
      }
      input.value = one.query;
      close();
      input.form.requestSubmit();
    }

    function show(found) {
      shown = found;
      list.replaceChildren(...found.map((one, place) => {
        const item = document.createElement("li");
        const kind = document.createElement("span");
        item.id = `${list.id}-${place}`;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        kind.textContent = KINDS[one.kind];
        item.append(one.text, " ", kind);
        item.addEventListener("mousedown", (event) => { event.preventDefault(); accept(one); });
        return item;
      }));
      list.hidden = !found.length;
      input.setAttribute("aria-expanded", String(found.length > 0));
      status.textContent = found.length ? `${found.length} completions` : "";
      choose(-1);
    }

    input.addEventListener("input", () => {
      clearTimeout(timer);
      request?.abort();
      const typed = input.value.slice(0, 200);
      if (typed.trim().length < 2) return close();
      timer = setTimeout(async () => {
        request = new AbortController();
        try {
          const found = await completions(typed, request.signal);
          if (document.activeElement === input && input.value.startsWith(typed)) show(found);
        } catch (error) {
          if (error.name !== "AbortError") show([]);
        }
      }, WAIT);
    });

    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const last = shown.length - 1;
      if (event.key === "Escape" && !list.hidden) close();
      else if (event.key === "ArrowDown" && last >= 0) choose(chosen < last ? chosen + 1 : -1);
      else if (event.key === "ArrowUp" && last >= 0) choose(chosen < 0 ? last : chosen - 1);
      else if (event.key === "Enter" && chosen >= 0) accept(shown[chosen]);
      else return;
      event.preventDefault();
    });
    input.addEventListener("blur", close);
  }

  document.querySelectorAll('form[action="/search"] input[name="q"]:not([type="hidden"])').forEach(enhance);
})();
