// The reading list, kept in this browser so that addresses of other pages need not carry it. Every
// page works without this script, and with a browser that keeps nothing: links carry the list then.
"use strict";

(() => {
  const form = document.getElementById("list-form");
  const KEPT = "seealso.lists"; // the open list first, then earlier ones
  const CHANGED = "seealso.changed"; // of this tab
  const MOST_LISTS = 10;
  const MOST_PAPERS = 400;
  const MOST_BYTES = 8050; // of the address of the feed
  const onListPage = location.pathname === "/list";

  function keptLists() {
    const lists = JSON.parse(localStorage.getItem(KEPT) || "[]");
    return Array.isArray(lists) ? lists.filter((one) => Array.isArray(one?.papers)) : [];
  }

  function keep(lists) {
    localStorage.setItem(KEPT, JSON.stringify(lists.slice(0, MOST_LISTS)));
  }

  let lists;
  let changedKey; // of the list that the page before has changed by a form
  try {
    lists = keptLists();
    keep(lists);
    changedKey = sessionStorage.getItem(CHANGED);
    sessionStorage.removeItem(CHANGED);
  } catch {
    return; // storage is blocked or unreadable
  }

  const ids = (text) => text.split(",").filter(Boolean);
  const address = (list) =>
    `/list?papers=${list.papers.join(",")}` +
    (list.title ? `&title=${encodeURIComponent(list.title)}` : "");
  const fits = (papers) =>
    papers.length <= MOST_PAPERS &&
    papers.reduce((sum, id) => sum + encodeURIComponent(id).length + 7, 23) <= MOST_BYTES;
  const isSame = (one, other) => one.papers.join() === other.papers.join();

  // Each kept list has a key, which the history of a tab remembers for its pages of the list.
  const newKey = () => Math.random().toString(36).slice(2);
  const isOpenListOf = (state) => Boolean(lists[0]?.key) && state?.list === lists[0].key;

  // The list of an address becomes the open one, in place of the one that a form of its page has
  // changed, or of the open one if it only adds papers to that. Otherwise, as for the address of
  // last week or of a colleague, all others are kept too.
  function open(list, changedKey) {
    const [current] = lists;
    const adds =
      current?.papers.every((id) => list.papers.includes(id)) &&
      (!current.title || current.title === list.title);
    const changed = changedKey && lists.find((one) => one.key === changedKey);
    const replaced = changed || (adds ? current : undefined);
    const { key, before } = replaced || lists.find((one) => isSame(one, list)) || {};
    const isChange = replaced && !isSame(replaced, list);
    lists = [
      { ...list, key: key || newKey(), before: isChange ? replaced.papers.join() : before },
      ...lists.filter((one) => one !== replaced && one.papers.length && !isSame(one, list)),
    ];
    keep(lists);
  }

  // Back, Forward and a reload lead to an address of the open list that other pages and tabs may
  // have changed since: the list is shown as it is now. Back after a change by a form undoes it.
  // Returns whether the browser leaves the page.
  function revisit(list) {
    const [current, ...earlier] = lists;
    if (isSame(list, current)) return false;
    if (current.before === list.papers.join()) {
      lists = [{ ...list, key: current.key, before: current.papers.join() }, ...earlier];
      keep(lists);
      return false;
    }
    location.replace(address(current));
    return true;
  }

  const parameter = new URLSearchParams(location.search).get(onListPage ? "papers" : "list");
  const read = { papers: ids(form.elements.papers.value), title: form.elements.title.value };
  const isOpened = read.papers.length > 0 || parameter === "";
  if (onListPage && isOpened && isOpenListOf(history.state)) {
    if (revisit(read)) return;
  } else if (isOpened) {
    open(read, onListPage && changedKey);
  }
  if (onListPage && isOpened) {
    history.replaceState({ ...history.state, list: lists[0].key }, "");
  }

  // The address of another page, its links and its forms need not carry the list any more.
  function stripped(url) {
    url.searchParams.delete("list");
    url.searchParams.delete("list_title");
    return url.pathname + url.search + url.hash;
  }

  function strip() {
    if (!onListPage && isOpened) {
      history.replaceState(history.state, "", stripped(new URL(location.href)));
    }
    for (const link of document.querySelectorAll('a[href*="list="]')) {
      if (link.origin === location.origin && link.pathname !== "/list") {
        link.href = stripped(new URL(link.href));
      }
    }
    for (const input of document.querySelectorAll('input[name="list"], input[name="list_title"]')) {
      input.remove();
    }
  }

  const status = document.createElement("p");
  status.className = "off-screen";
  status.setAttribute("role", "status");
  document.body.append(status);

  function show() {
    const list = lists[0] || { papers: [], title: "" };
    const listed = new Set(list.papers);
    if (!onListPage) {
      form.elements.papers.value = list.papers.join(",");
      form.elements.title.value = list.title || "";
      for (const button of document.querySelectorAll("button[form=list-form][id]")) {
        const text = listed.has(button.value) ? "Remove from list" : "Add to list";
        button.name = listed.has(button.value) ? "remove" : "add";
        button.textContent = text;
        button.setAttribute("aria-label", `${text}: arXiv:${button.value}`);
      }
    }
    const link = document.querySelector('header nav a[href^="/list"]');
    link.href = list.papers.length ? address(list) : "/list";
    link.textContent = list.papers.length ? `List (${list.papers.length})` : "List";
  }

  if (!onListPage) {
    document.addEventListener("click", (event) => {
      const button = event.target.closest("button[form=list-form]");
      if (!button) return;
      event.preventDefault();
      lists = keptLists();
      const list = lists[0] || { papers: [], title: "" };
      const chosen = button.value.split(" ");
      const isListed = button.name === "remove";
      const papers = isListed
        ? list.papers.filter((id) => !chosen.includes(id))
        : [...new Set([...list.papers, ...chosen])];
      if (!isListed && !fits(papers)) {
        status.textContent = `Not added: a list has at most ${MOST_PAPERS} papers, or ${MOST_BYTES} bytes in an address`;
        return;
      }
      lists = [{ ...list, papers, before: undefined }, ...lists.slice(1)];
      keep(lists);
      show();
      const done = isListed ? "Removed" : "Added";
      if (!button.id) button.textContent = `${chosen.length} added to list`;
      status.textContent = `${done}: the list has ${papers.length} paper${papers.length === 1 ? "" : "s"}`;
    });
  }

  // Another tab, a page from the history and a list that was replaced in place show it too.
  function refresh() {
    lists = keptLists();
    if (onListPage && isOpened && isOpenListOf(history.state)) {
      for (const input of document.querySelectorAll('input[type="hidden"][name="papers"]')) {
        input.value = lists[0].papers.join(",");
      }
    }
    strip();
    show();
  }
  addEventListener("storage", (event) => event.key === KEPT && refresh());
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    lists = keptLists();
    const isOpen = onListPage && isOpened && isOpenListOf(history.state);
    if (!(isOpen && revisit(read))) refresh();
  });
  document.addEventListener("entries", refresh);
  strip();
  show();
  if (!onListPage) return;

  document.addEventListener("submit", (event) => {
    if (event.target.elements.papers) {
      sessionStorage.setItem(CHANGED, history.state?.list || "");
    }
  });

  const copy = document.getElementById("copy-list");
  if (copy && navigator.clipboard) {
    copy.hidden = false;
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(new URL(copy.dataset.address, location.href).href);
        status.textContent = copy.textContent = "Copied";
      } catch (error) {
        status.textContent = copy.textContent = `Not copied: ${error.message}`;
      }
    });
  }

  document.getElementById("new-list")?.addEventListener("click", () => {
    lists = [{ papers: [], title: "" }, ...lists];
    keep(lists);
  });

  const section = document.getElementById("kept-lists");
  const others = lists.filter((one) => one.papers.length && !isSame(one, read));
  if (others.length) {
    for (const one of others) {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = address(one);
      const count = `${one.papers.length} paper${one.papers.length === 1 ? "" : "s"}`;
      link.textContent = one.title
        ? `${one.title} (${count})`
        : `${count}, first arXiv:${one.papers[0]}`;
      item.append(link);
      section.querySelector("ul").append(item);
    }
    section.querySelector("button").addEventListener("click", () => {
      lists = read.papers.length ? lists.slice(0, 1) : [];
      keep(lists);
      section.hidden = true;
      show();
    });
    section.hidden = false;
  }
})();
