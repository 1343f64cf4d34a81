// The report: it is whole without this script.
dress();
links("comparison", () => $("comparison").textContent);
