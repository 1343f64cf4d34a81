// Tables of units: a field to search in, and a choice for each column of few different words.
document.addEventListener("DOMContentLoaded", () => {
  for (const box of document.querySelectorAll(".filtered")) {
    const rows = [...box.querySelectorAll("tbody tr")];
    const heads = [...box.querySelectorAll("th")].map((one) => one.textContent.trim());
    const bar = document.createElement("div");
    bar.className = "filters";
    const word = Object.assign(document.createElement("input"), { type: "search", placeholder: "Search" });
    word.setAttribute("aria-label", "Search the table");
    const count = document.createElement("output");
    const choices = ["kind", "family"].filter((name) => heads.includes(name)).map((name) => {
      const choice = document.createElement("select");
      choice.setAttribute("aria-label", name);
      choice.append(new Option(`every ${name}`, ""));
      const column = heads.indexOf(name);
      for (const text of new Set(rows.map((row) => row.cells[column].textContent.trim()))) choice.append(new Option(text));
      return { choice, column };
    });
    const show = () => {
      let left = 0;
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        const fits = word.value.toLowerCase().split(/\s+/).every((one) => text.includes(one));
        row.hidden = !(fits && choices.every(({ choice, column }) => !choice.value || row.cells[column].textContent.trim() === choice.value));
        left += !row.hidden;
      }
      count.value = `${left} of ${rows.length}`;
    };
    bar.append(word, ...choices.map((one) => one.choice), count);
    bar.addEventListener("input", show);
    box.prepend(bar);
    show();
  }
  // On a phone rows are cards, whose lines begin with the head of their column.
  for (const table of document.querySelectorAll(".cards table")) {
    const heads = [...table.querySelectorAll("th")].map((one) => one.textContent.trim());
    for (const row of table.tBodies[0].rows) [...row.cells].forEach((cell, number) => { cell.dataset.head = heads[number]; });
  }
  // A picture opens alone, as large as it is.
  for (const picture of document.querySelectorAll(".bd-article img:not(.map)")) {
    if (picture.closest("a")) continue;
    const link = Object.assign(document.createElement("a"), { className: "whole", href: picture.src });
    picture.replaceWith(link);
    link.append(picture);
  }
  // The explorer follows the theme of the page around it, by its link: from disk a page cannot reach into another.
  const frame = document.querySelector(".explorer iframe");
  if (frame) {
    const root = document.documentElement, place = frame.getAttribute("src");
    const follow = () => { frame.src = `${place}&theme=${root.dataset.theme}`; };
    follow();
    new MutationObserver(follow).observe(root, { attributeFilter: ["data-theme"] });
  }
});
