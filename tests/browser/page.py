"""Looks at HTML reports as a reader's browser shows them. Called by tests/browser/run."""

import argparse
import pathlib
import sys
import time

from playwright.sync_api import Error, sync_playwright

import recording
import symptoms
from look import CONTRAST, FIXTURES, HISTORIES, PALE, PAPER, WIDER, Look, made, refused, told

# The name of a page, what is checked, and how the check ends.
CASES = [
    ("stale-read", [HISTORIES / "register/invalid/node-lags-a-moment.jsonl"], 1),
    ("split-brain", [HISTORIES / "cas-register/invalid/lab/redis-cas-register-primary-isolate-leader.jsonl.zst"], 1),
    ("double-grant", [HISTORIES / "mutex/invalid/redis-lock-partition.jsonl.zst"], 1),
    ("valid", [FIXTURES / "valid.jsonl"], 0),
    ("unknown", [FIXTURES / "counter.edn", "--max-configurations", "1"], 3),
]

# What each page must say, also where no script runs.
WORDS = {
    "stale-read": ["LIN001", "stale read", "Could have been answered", "Where it stops", "Where each operation could stand", "As it was recorded"],
    "split-brain": ["SYM08", "split brain", "Meanwhile", "Coverage"],
    "double-grant": ["LIN010", "double grant"],
    "valid": ["valid", "What was checked, and how"],
    "unknown": ["Not decided", "what to do"],
    "million": ["LIN001", "1,000,000 operations", "Coverage"],
}

# A page may take so many seconds until it is there to be read.
OPENS_IN = 2.0

# Changes of a page, and which check must notice each.
MUTANTS = [
    ("an image from elsewhere", "</main>", '<img src="https://example.org/x.png" alt=""></main>', "steps"),
    ("a style from a file beside it", "</head>", '<link rel="stylesheet" href="style.css"></head>', "steps"),
    ("an error on the console", '"use strict";', '"use strict"; console.error("broken");', "steps"),
    ("an exception", '"use strict";', '"use strict"; setTimeout(() => { throw new Error("broken"); });', "steps"),
    ("a key that does nothing", "ArrowLeft: -1", "ArrowLeft: 0", "steps"),
    ("a theme that cannot be switched", 'theme.addEventListener("click"', 'theme.addEventListener("scroll"', "both_themes"),
    ("a text that is too wide", "</main>", f"<p><code style='white-space:pre'>{'x' * 3000}</code></p></main>", "widths"),
    ("a text that is too pale", "</main>", '<p style="color:#999">pale</p></main>', "both_themes"),
    ("words that a script writes", "Where it stops: ", "<script>document.write('Where it stops: ')</script>", "without_scripts"),
    ("lanes by node that are those by process", "by = button.dataset.by;", "", "lanes"),
    ("context that cannot be widened", "shown + more", "shown", "lanes"),
    ("an operation that says nothing", "told.textContent = sentence(chosen);", "", "lanes"),
    ("an operation of which is not told where it could stand", "told.append(", "void (", "lanes"),
    ("operations that keys do not reach", "chosen.of.focus();", "", "lanes"),
    ("a print that leaves out what is closed", "details::details-content", "nothing::details-content", "on_paper"),
]

# Pairs of bars of a drawing that are one over the other.
OVERLAPS = """(figure) => {
  const bars = [...figure.querySelectorAll(".bar:not([display])")].map((of) => {
    const rect = of.querySelector("rect");
    const x = Number(rect.getAttribute("x"));
    return { op: of.dataset.op, y: of.getAttribute("transform"), from: x, to: x + Number(rect.getAttribute("width")) };
  });
  return bars.flatMap((one, at) => bars.slice(at + 1)
    .filter((other) => one.y === other.y && one.from < other.to - 0.3 && other.from < one.to - 0.3)
    .map((other) => `${one.op} and ${other.op}`));
}"""

# What the list tells of where an operation could stand.
PLACES = "(figure, op) => [...figure.closest('article').querySelectorAll(`[data-place='${op}'] ul li`)].map((line) => line.textContent)"


class Page(Look):
    """What every page must stand."""

    def all(self):
        """All checks that every page must stand."""
        for check in (self.steps, self.widths, self.without_scripts, self.on_paper, self.lanes, self.both_themes):
            check()
        return self.wrong

    def both_themes(self):
        papers = {}
        for scheme in ("light", "dark"):
            page = self.open(color_scheme=scheme)
            papers[scheme] = page.evaluate(PAPER)
            pale = page.evaluate(PALE, CONTRAST)
            self.check(not pale, f"{scheme}: too pale: {', '.join(pale)}")
            page.focus("#theme")
            page.keyboard.press("Enter")
            papers["other than " + scheme] = page.evaluate(PAPER)
            pale = page.evaluate(PALE, CONTRAST)
            self.check(not pale, f"{scheme}, switched: too pale: {', '.join(pale)}")
            page.keyboard.press("Enter")
            self.check(page.evaluate(PAPER) == papers[scheme], f"{scheme}: the theme does not switch back")
            page.context.close()
        self.check(papers["light"] != papers["dark"], "both colour schemes look the same")
        self.check(papers["other than light"] == papers["dark"], "the theme does not become dark")
        self.check(papers["other than dark"] == papers["light"], "the theme does not become light")

    def widths(self):
        for width in (360, 1600):
            page = self.open(viewport={"width": width, "height": 800})
            wider = page.evaluate(WIDER)
            self.check(wider <= 0, f"at {width} px it is {wider} px too wide")
            page.context.close()

    def without_scripts(self):
        page = self.open(java_script_enabled=False)
        text = page.inner_text("body")
        for words in WORDS[self.name]:
            self.check(words.lower() in text.lower(), f"without scripts it does not say: {words}")
        self.check(page.locator("button:visible").count() == 0, "without scripts it has buttons that do nothing")
        page.context.close()

    def on_paper(self):
        page = self.open(color_scheme="dark")
        closed = page.locator("details:not([open]) > :not(summary)")
        page.emulate_media(media="print", color_scheme="dark")
        self.check(page.evaluate(PAPER) == "rgb(255, 255, 255)", "on paper it is not white")
        self.check(page.locator("button:visible").count() == 0, "on paper it has buttons")
        for at in range(closed.count()):
            self.check(closed.nth(at).evaluate("(of) => of.checkVisibility()"), "on paper it leaves out what is closed")
        pale = page.evaluate(PALE, CONTRAST)
        self.check(not pale, f"on paper: too pale: {', '.join(pale)}")
        self.check(page.pdf()[:5] == b"%PDF-", "it cannot be printed")
        page.context.close()

    def steps(self):
        """The keys step through an order."""
        page = self.open()
        orders = page.locator("ol.steps")
        for at in range(orders.count()):
            order = orders.nth(at)
            last = order.locator("> li").count() - 1
            now = lambda: order.evaluate("(of) => [...of.children].flatMap((step, at) => step.classList.contains('now') && step.getAttribute('aria-current') === 'step' ? [at] : [])")
            order.focus()
            for key, expected in [("Home", 0), ("ArrowRight", min(1, last)), ("End", last), ("ArrowRight", last), ("ArrowLeft", max(last - 1, 0)), ("Home", 0), ("ArrowLeft", 0)]:
                page.keyboard.press(key)
                self.check(now() == [expected], f"after {key} the steps {now()} are shown, not {expected}")
        self.check(orders.count() > 0 or "Where it stops" not in WORDS[self.name], "there is no order to step through")
        page.context.close()

    def lanes(self):
        """Lanes by process and by node, operations around the core, and what each operation was; all by keys alone."""
        page = self.open()
        figures = page.locator("figure.lanes")
        self.check(figures.count() > 0 or self.name in ("valid", "unknown"), "no finding is drawn")
        for at in range(figures.count()):
            figure = figures.nth(at)
            bars = figure.locator(".bar:not([display])")
            visible = lambda: figure.locator(".lane:not([display]) text").all_text_contents()
            by_process = visible()
            self.check(all(name.startswith("process ") for name in by_process), f"lanes by process are called {by_process}")
            node = figure.locator("button[data-by=node]")
            if node.count():
                node.focus()
                page.keyboard.press("Enter")
                by_node = visible()
                self.check(by_node and not any(name.startswith("process ") for name in by_node), f"lanes by node are called {by_node}")
                self.check(node.get_attribute("aria-pressed") == "true" and "✓" in node.evaluate("(of) => getComputedStyle(of, '::before').content"), "colour alone says which lanes there are")
                self.check(figure.evaluate(OVERLAPS) == [], f"by node operations cover each other: {figure.evaluate(OVERLAPS)}")
                figure.locator("button[data-by=process]").press("Enter")
                self.check(visible() == by_process, "lanes by process do not come back")
            else:
                self.check(self.name not in ("split-brain", "double-grant", "million"), "there are no lanes by node")
            self.check(figure.evaluate(OVERLAPS) == [], f"by process operations cover each other: {figure.evaluate(OVERLAPS)}")
            core = figure.locator(".bar.core").count()
            widen = figure.locator("button.widen")
            if widen.count():
                total = figure.locator(".bar.around").count()
                shown = lambda: bars.count() - core
                says = lambda: int(figure.locator("output").text_content())
                widen.focus()
                for _ in range(10):
                    page.keyboard.press("Enter")
                self.check(shown() == says() == total, f"widened, {shown()} of {total} are shown, and it says {says()}")
                figure.locator("button.narrow").focus()
                for _ in range(10):
                    page.keyboard.press("Enter")
                self.check(shown() == says() == 0, f"narrowed, {shown()} are shown around the core, and it says {says()}")
                widen.press("Enter")
                self.check(shown() == says() == min(8, total), f"widened once, {shown()} are shown, and it says {says()}")
            figure.locator(".bar[tabindex='0']").focus()
            page.keyboard.press("Home")
            reached = set()
            for step in range(bars.count()):
                page.keyboard.press("Enter")
                told = figure.locator(".told").text_content()
                process = page.evaluate("() => document.activeElement.dataset.process")
                name = figure.locator(f".lane[data-of=process][data-at='{process}'] text").text_content()
                reached.add(page.evaluate("() => document.activeElement.dataset.op"))
                self.check(told.startswith(name.capitalize()) and "line" in told, f"of operation {step} it says: {told}")
                page.keyboard.press("ArrowRight")
            self.placed(page, figure)
            self.check(len(reached) == bars.count(), f"keys reach {len(reached)} of {bars.count()} operations")
        page.context.close()

    def placed(self, page, figure):
        """Where operations could stand: each that is clicked is told as the list below the order tells it."""
        placed = 0
        bars = figure.locator(".bar.core")
        for at in range(bars.count()):
            # The middle of a narrow one with its words is beside both, where a fault lies behind it.
            bars.nth(at).dispatch_event("click")
            op = bars.nth(at).get_attribute("data-op")
            told = figure.locator(".told ul li").all_text_contents()
            listed = figure.evaluate(PLACES, op)
            self.check(told == listed, f"of where operation {op} could stand it says {told}, and the list {listed}")
            self.check(all(": " in line for line in listed), f"operation {op} has gaps without a word: {listed}")
            placed += bool(listed)
        if self.name == "stale-read":
            self.check(placed == bars.count(), f"of {placed} of {bars.count()} operations is told where they could stand")

    def opens_soon(self):
        """The best of three, since others may be at work, too."""
        times = []
        for _ in range(3):
            start = time.monotonic()
            page = self.open()
            page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            times.append(time.monotonic() - start)
            page.context.close()
        self.check(min(times) < OPENS_IN, f"it takes {min(times):.2f} s to open")
        return min(times)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seriatim", type=pathlib.Path, required=True)
    parser.add_argument("--chromium", required=True)
    parser.add_argument("--scratch", type=pathlib.Path, required=True)
    parser.add_argument("--operations", type=int, default=1_000_000, help="how many operations the large recording has")
    of = parser.parse_args()
    scratch, seriatim = of.scratch.resolve(), of.seriatim.resolve()
    pages = {name: made(seriatim, scratch, name, arguments, code) for name, arguments, code in CASES}
    large = scratch / "million.jsonl"
    recording.write(large, of.operations)
    WORDS["million"][1] = f"{of.operations:,} operations"
    pages["million"] = made(seriatim, scratch, "million", [large, "--timeout", "none"], 1)
    large.unlink()
    failures = 0
    with sync_playwright() as playwright:
        try:
            # Whoever is root has no sandbox.
            browser = playwright.chromium.launch(executable_path=of.chromium, args=["--no-sandbox"])
        except Error as error:
            sys.exit(f"chromium does not start: {error}")
        for name, path in pages.items():
            look = Page(browser, name, path)
            more = f", {path.stat().st_size:,} bytes"
            if name == "million":
                more += f", opens in {look.opens_soon():.2f} s"
            failures += told(name, look.all(), more)
        failures += refused(Page, browser, "stale-read", pages["stale-read"], MUTANTS)
        failures += symptoms.failures(browser, seriatim, scratch)
        browser.close()
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
