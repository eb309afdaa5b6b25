// One time cursor over all charts of a page. The pictures carry their points; nothing is fetched.
const language = document.documentElement.lang || "en";
const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat(language, { weekday: "short", hour: "2-digit", minute: "2-digit" });
const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

function bytes(value) {
  let unit = 0;
  while (Math.abs(value) >= 999.95 && unit < UNITS.length - 1) { value /= 1000; unit += 1; }
  return `${number.format(value)} ${UNITS[unit]}`;
}

const READ = {
  ratio: (value) => `${number.format(value * 100)} %`,
  bytes,
  rate: (value) => `${bytes(value)}/s`,
  seconds: (value) => (value < 1 ? `${number.format(value * 1000)} ms` : `${number.format(value)} s`),
  count: (value) => number.format(value),
};

const charts = [...document.querySelectorAll("figure.chart")].map((figure) => {
  const svg = figure.querySelector("svg");
  const [left, top, right, bottom] = svg.dataset.plot.split(" ").map(Number);
  const lines = [...svg.querySelectorAll("path.line")].map((path) => JSON.parse(path.dataset.points));
  const readings = [...figure.querySelectorAll(".reading")].map((place) => ({ place, last: place.textContent }));
  const cursor = document.createElementNS("http://www.w3.org/2000/svg", "path");
  cursor.setAttribute("class", "cursor");
  svg.append(cursor);
  return {
    svg, left, top, right, bottom, lines, readings, cursor,
    from: Number(svg.dataset.from), to: Number(svg.dataset.to),
    read: READ[figure.dataset.unit] ?? READ.count, time: figure.querySelector(".cursor-time"),
  };
});

function nearest(points, at) {
  let best = null;
  for (const point of points) if (best === null || Math.abs(point[0] - at) < Math.abs(best[0] - at)) best = point;
  return best && Math.abs(best[0] - at) <= 1800 ? best : null;
}

function show(at) {
  for (const chart of charts) {
    const x = chart.left + ((at - chart.from) / (chart.to - chart.from)) * (chart.right - chart.left);
    chart.cursor.setAttribute("d", `M${x.toFixed(1)} ${chart.top}V${chart.bottom}`);
    chart.time.textContent = clock.format(new Date(at * 1000));
    chart.readings.forEach(({ place }, index) => {
      const point = nearest(chart.lines[index] ?? [], at);
      place.textContent = point ? chart.read(point[1]) : "–";
    });
  }
}

function hide() {
  for (const chart of charts) {
    chart.cursor.removeAttribute("d");
    chart.time.textContent = "";
    for (const { place, last } of chart.readings) place.textContent = last;
  }
}

for (const chart of charts) {
  chart.svg.addEventListener("pointermove", (event) => {
    const box = chart.svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * chart.svg.viewBox.baseVal.width;
    const share = Math.min(1, Math.max(0, (x - chart.left) / (chart.right - chart.left)));
    show(chart.from + share * (chart.to - chart.from));
  });
  chart.svg.addEventListener("pointerleave", hide);
}
