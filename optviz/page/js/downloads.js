// A table as it was written, for programs: numbers with a hyphen for minus and without commas.
function tableText(table) {
  const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const plain = (text) => (/^−?\d[\d,]*(\.\d+)?$/.test(text) ? text.replace("−", "-").replaceAll(",", "") : text);
  const words = (cell) => [...(cell.querySelector("button") ?? cell).childNodes].map((node) => node.textContent).filter(Boolean).join(cell.closest("thead") ? " " : "");
  const rows = [...table.rows].map((row) => [...row.cells].map((cell) => quoted(plain(words(cell).replaceAll("\u00a0", " ").trim()))).join(","));
  return `${rows.join("\r\n")}\r\n`;
}

// A link whose file is made when it is asked for.
function download(words, name, kind, make) {
  const link = element("a", { textContent: words, download: name, href: "#" });
  link.addEventListener("click", () => {
    if (link.href.startsWith("blob:")) URL.revokeObjectURL(link.href);
    link.href = URL.createObjectURL(new Blob([make()], { type: kind }));
  });
  return element("li", {}, link);
}

// All numbers as one document, and each table as a file of its own; `make` gives the document's text.
function links(stem, make, note) {
  const list = (...items) => element("ul", { className: "links" }, ...items);
  $("whole").append(list(download("All numbers, .json", `${stem}.json`, "application/json", make)));
  if (note) $("whole").append(element("p", { className: "note", textContent: note }));
  document.querySelectorAll("main .scroll").forEach((box, index) => {
    const text = tableText(box.querySelector("table"));
    box.after(list(download("This table, .csv", `${stem}-${index + 1}.csv`, "text/csv", () => text)));
  });
}
