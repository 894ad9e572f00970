// The reading list, kept in this browser so that addresses of other pages need not carry it. Every
// page works without this script, and with a browser that keeps nothing: links carry the list then.
"use strict";

(() => {
  const form = document.getElementById("list-form");
  const KEPT = "seealso.lists"; // the open list first, then earlier ones
  const MOST_LISTS = 10;
  const MOST_PAPERS = 400;
  const onListPage = location.pathname === "/list";

  function keptLists() {
    const lists = JSON.parse(localStorage.getItem(KEPT) || "[]");
    return Array.isArray(lists) ? lists.filter((one) => Array.isArray(one?.papers)) : [];
  }

  function keep(lists) {
    localStorage.setItem(KEPT, JSON.stringify(lists.slice(0, MOST_LISTS)));
  }

  let lists;
  try {
    lists = keptLists();
    keep(lists);
  } catch {
    return; // storage is blocked or unreadable
  }

  const ids = (text) => text.split(",").filter(Boolean);
  const address = (list) =>
    `/list?papers=${list.papers.join(",")}` +
    (list.title ? `&title=${encodeURIComponent(list.title)}` : "");
  const isSame = (one, other) => one.papers.join() === other.papers.join();

  // The list of an address becomes the open one. It replaces that if it has more papers, or if its
  // user removed some on its page; otherwise, as for the address of last week or of a colleague,
  // the open one is kept too.
  function open(list) {
    const [current, ...earlier] = lists;
    const isLonger = (current?.papers ?? []).every((id) => list.papers.includes(id));
    const isShorter = list.papers.every((id) => current?.papers.includes(id));
    const isChange = document.referrer.startsWith(`${location.origin}/list`);
    const others = isLonger || (isShorter && isChange) ? earlier : lists;
    lists = [list, ...others.filter((one) => one.papers.length && !isSame(one, list))];
    keep(lists);
  }

  const parameter = new URLSearchParams(location.search).get(onListPage ? "papers" : "list");
  const read = { papers: ids(form.elements.papers.value), title: form.elements.title.value };
  const isOpened = read.papers.length > 0 || parameter === "";
  if (isOpened) open(read);

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
      if (papers.length > MOST_PAPERS) {
        status.textContent = `Not added: a list has at most ${MOST_PAPERS} papers`;
        return;
      }
      lists = [{ ...list, papers }, ...lists.slice(1)];
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
    strip();
    show();
  }
  addEventListener("storage", (event) => event.key === KEPT && refresh());
  addEventListener("pageshow", (event) => event.persisted && refresh());
  document.addEventListener("entries", refresh);
  strip();
  show();
  if (!onListPage) return;

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
      lists = read.papers.length ? [read] : [];
      keep(lists);
      section.hidden = true;
      show();
    });
    section.hidden = false;
  }
})();
