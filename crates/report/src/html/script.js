"use strict";
(() => {
  const root = document.documentElement;
  const theme = document.getElementById("theme");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const isDark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = isDark ? "light" : "dark";
  });

  for (const button of document.querySelectorAll("button.copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const lines = button.parentElement.querySelector("pre").cloneNode(true);
      lines.querySelectorAll(".line").forEach((number) => number.remove());
      try {
        await navigator.clipboard.writeText(lines.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(button.parentElement.querySelector("pre"));
        button.textContent = "Selected";
      }
    });
  }

  for (const steps of document.querySelectorAll("ol.steps")) {
    const all = [...steps.children];
    let at = 0;
    const show = () => all.forEach((step, place) => {
      step.classList.toggle("now", place === at);
      if (place === at) step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
    });
    steps.tabIndex = 0;
    steps.addEventListener("keydown", (event) => {
      const move = { ArrowRight: 1, ArrowLeft: -1, Home: -all.length, End: all.length }[event.key];
      if (!move) return;
      event.preventDefault();
      at = Math.min(Math.max(at + move, 0), all.length - 1);
      show();
    });
    show();
  }

  // As in lanes.rs.
  const WIDTH = 960, LANE = 40, TOP = 28, BOTTOM = 30;
  const middle = (row) => TOP + LANE * (row + 0.5);
  const move = (of, down) => of.setAttribute("transform", `translate(0 ${down})`);
  const show = (of, isShown) => isShown ? of.removeAttribute("display") : of.setAttribute("display", "none");

  for (const figure of document.querySelectorAll("figure.lanes")) {
    const svg = figure.querySelector("svg");
    const bars = [...svg.querySelectorAll(".bar")].map((of) => {
      const [x, width] = ["x", "width"].map((name) => Number(of.querySelector("rect").getAttribute(name)));
      return { of, from: x, to: x + width, rank: Number(of.dataset.rank) };
    }).sort((one, other) => one.from - other.from);
    const around = Math.max(...bars.map((bar) => bar.rank));
    const told = figure.querySelector(".told");
    let by = "process";
    let shown = Math.min(around, 8);

    const arrange = () => {
      const rows = new Map();
      const visible = bars.filter((bar) => bar.rank <= shown);
      for (const bar of bars) show(bar.of, bar.rank <= shown);
      for (const bar of visible) {
        const lane = bar.of.dataset[by];
        if (!rows.has(lane)) rows.set(lane, []);
        const ends = rows.get(lane);
        const free = ends.findIndex((end) => end <= bar.from + 0.2);
        bar.row = free < 0 ? ends.length : free;
        ends[bar.row] = bar.to;
      }
      let row = 0;
      const tops = new Map();
      for (const lane of svg.querySelectorAll(".lane")) {
        const isShown = lane.dataset.of === by && rows.has(lane.dataset.at);
        show(lane, isShown);
        if (!isShown) continue;
        tops.set(lane.dataset.at, row);
        move(lane, middle(row));
        row += rows.get(lane.dataset.at).length;
      }
      const places = new Map();
      for (const bar of visible) {
        const at = tops.get(bar.of.dataset[by]) + bar.row;
        move(bar.of, middle(at));
        places.set(bar.of.dataset.op, { ...bar, at });
      }
      for (const edge of svg.querySelectorAll("path.edge")) {
        const [from, to] = [places.get(edge.dataset.from), places.get(edge.dataset.to)];
        const [start, end, y, z] = [Math.min(from.to, WIDTH - 8), to.from, middle(from.at), middle(to.at)];
        const bow = y === z ? y + 22 : (y + z) / 2;
        edge.setAttribute("d", `M${start} ${y}Q${(start + end) / 2} ${bow} ${end} ${z}`);
        edge.nextElementSibling.setAttribute("y", 0.4225 * y + 0.455 * bow + 0.1225 * z - 3);
      }
      const height = TOP + LANE * row + BOTTOM;
      for (const fault of svg.querySelectorAll("rect.fault")) fault.setAttribute("height", height - 20);
      move(svg.querySelector(".bottom"), height - BOTTOM);
      svg.setAttribute("viewBox", `0 0 ${WIDTH} ${height}`);
      svg.setAttribute("aria-label", `When the operations were, a lane for each ${by}`);
      svg.classList.toggle("by-node", by === "node");
      for (const button of figure.querySelectorAll("[data-by]")) {
        button.setAttribute("aria-pressed", button.dataset.by === by);
      }
      if (around === 0) return;
      figure.querySelector("output").textContent = shown;
      // A button that has the focus keeps it.
      figure.querySelector(".widen").setAttribute("aria-disabled", shown === around);
      figure.querySelector(".narrow").setAttribute("aria-disabled", shown === 0);
    };

    for (const button of figure.querySelectorAll("[data-by]")) {
      button.addEventListener("click", () => {
        by = button.dataset.by;
        arrange();
      });
    }
    const widen = (more) => () => {
      shown = Math.min(Math.max(shown + more, 0), around);
      arrange();
    };
    figure.querySelector(".widen")?.addEventListener("click", widen(8));
    figure.querySelector(".narrow")?.addEventListener("click", widen(-8));
    figure.querySelector(".tools").hidden = false;

    const sentence = (bar) => {
      const within = figure.closest("article");
      const said = within.querySelector(`.story [data-op="${bar.of.dataset.op}"]`);
      return said ? said.textContent.replace(/\s+/g, " ").trim() : "The page is too large to tell it; the JSON report does.";
    };
    const tell = (chosen) => {
      for (const bar of bars) bar.of.classList.toggle("chosen", bar === chosen);
      told.textContent = sentence(chosen);
      const places = figure.closest("article").querySelector(`[data-place="${chosen.of.dataset.op}"]`);
      if (!places) return;
      const said = document.createElement("span");
      said.textContent = `Where it could stand in the order below: ${places.querySelector(".stands").textContent}.`;
      told.append(" ", said, places.querySelector("ul").cloneNode(true));
    };
    const reach = (chosen) => {
      for (const bar of bars) bar.of.setAttribute("tabindex", bar === chosen ? 0 : -1);
    };
    svg.setAttribute("role", "group");
    for (const bar of bars) {
      bar.of.setAttribute("role", "button");
      bar.of.setAttribute("aria-label", sentence(bar));
      bar.of.addEventListener("click", () => {
        reach(bar);
        tell(bar);
      });
      bar.of.addEventListener("keydown", (event) => {
        const all = bars.filter((other) => other.rank <= shown);
        const at = all.indexOf(bar);
        const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
        if (next !== undefined) {
          const chosen = all[Math.min(Math.max(next, 0), all.length - 1)];
          reach(chosen);
          chosen.of.focus();
        } else if (event.key === "Enter" || event.key === " ") {
          tell(bar);
        } else {
          return;
        }
        event.preventDefault();
      });
    }
    reach(bars.find((bar) => bar.rank === 0) ?? bars[0]);
    told.hidden = false;
    arrange();
  }
})();
