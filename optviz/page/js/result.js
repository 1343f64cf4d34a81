// A page of a result: its tables at once, values and downloads when its numbers are unpacked.
const DATA = JSON.parse($("data").textContent);
const narrow = matchMedia("screen and (max-width: 600px)");

async function begin() {
  try {
    const numbers = await loaded(DATA), values = KNOWN[DATA.kind]?.(numbers, DATA) ?? WORDS;
    links(DATA.stem, () => JSON.stringify(wholeDocument(numbers, DATA)), DATA.note);
    const regions = () => (narrow.matches && DATA.narrow) || DATA.broad;
    const glass = new Glass($("picture"), document.querySelector(".tools"), regions, values);
    narrow.addEventListener("change", () => { glass.point(null); glass.show(1, 0, 0); });
    document.documentElement.dataset.ready = "";
  } catch (error) {
    // Browsers before 2023 cannot unpack.
    $("whole").append(element("p", { className: "note", textContent: `This browser cannot unpack the page's numbers: ${error.message}` }));
  }
}
dress();
begin();
