// Conveniences of list pages. Every page works without this script: each control is a link.
"use strict";

// "Download BibTeX" becomes "Copy BibTeX"; the list of formats still has the download. A button of
// its own would push the page down after it has been shown.
for (const link of document.querySelectorAll("a[data-copy]")) {
  if (!navigator.clipboard) continue;
  const button = document.createElement("button");
  button.className = "button";
  button.type = "button";
  button.textContent = link.dataset.copy;
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    try {
      const response = await fetch(link.href);
      if (!response.ok) throw new Error(response.statusText);
      await navigator.clipboard.writeText(await response.text());
      status.textContent = "Copied";
    } catch (error) {
      status.textContent = `Not copied: ${error.message}. Use the download.`;
    }
  });
  link.replaceWith(button, " ", status);
}

// "Load more" replaces the list in place; the address changes too, so that it can be bookmarked.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-more]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const list = document.getElementById("list");
  if (!list) return;
  event.preventDefault();
  link.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(link.href, { headers: { Accept: "text/html" } });
    if (!response.ok) throw new Error(response.statusText);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    list.replaceWith(page.getElementById("list"));
    history.replaceState(null, "", link.href.split("#")[0]);
    document.dispatchEvent(new Event("entries"));
    const first = document.querySelector("#more a");
    if (first) first.focus({ preventScroll: true });
  } catch {
    location.href = link.href;
  }
});

// An address without empty fields and defaults is shorter, and is the same for each way to a list.
for (const form of document.querySelectorAll('form:not([method="post"])')) {
  form.addEventListener("submit", () => {
    for (const field of form.elements) {
      if (field.name && field.value === (field.dataset.default ?? "")) field.disabled = true;
    }
  });
}
window.addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("form [name]:disabled")) field.disabled = false;
});
