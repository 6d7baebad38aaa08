"""A page as a browser shows it, and what is wrong with it: what all that looks at pages has in common."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
HISTORIES = ROOT / "histories"
FIXTURES = ROOT / "tests/cli/fixtures"

# The least contrast of a text that anybody can read: WCAG 2.2, 1.4.3.
CONTRAST = 4.5

# What the scripts below know of colours: what a colour is, what lies over what, and how far two are apart.
COLOURS = """\
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const channels = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], [x, y, z]) => [r * a + x * (1 - a), g * a + y * (1 - a), b * a + z * (1 - a), 1];
  const light = (color) => {
    const [r, g, b] = color.map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const behind = (element) => {
    if (!element) return [255, 255, 255, 1];
    const own = channels(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, behind(element.parentElement));
  };"""

# Every visible text whose contrast with what is behind it is too low, as `what: contrast`.
PALE = """(least) => {
""" + COLOURS + """
  const pale = new Map();
  for (const element of document.querySelectorAll("body *")) {
    const says = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!says || !element.checkVisibility({ checkVisibilityCSS: true }) || element.closest("script, style")) continue;
    const style = getComputedStyle(element);
    const drawing = element.closest("svg");
    let backs = [behind(element)];
    if (drawing) {
      const band = drawing.querySelector("rect.fault");
      if (band) {
        const [r, g, b] = channels(getComputedStyle(band).fill);
        backs.push(over([r, g, b, Number(getComputedStyle(band).opacity)], backs[0]));
      }
    }
    const color = channels(drawing ? style.fill : style.color);
    const least_here = Math.min(...backs.map((back) => contrast(over(color, back), back)));
    const what = `${drawing ? "svg " : ""}${element.localName}.${element.getAttribute("class") ?? ""}`;
    if (least_here < least) pale.set(what, Math.min(least_here, pale.get(what) ?? 99).toFixed(2));
  }
  return [...pale].map(([what, is]) => `${what}: ${is}`);
}"""

WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
PAPER = "() => getComputedStyle(document.body).backgroundColor"


class Look:
    """What one page shows; what is wrong with it is kept."""

    def __init__(self, browser, name, path):
        self.browser, self.name, self.path = browser, name, path
        self.uri = path.as_uri()
        self.wrong = []

    def check(self, holds, what):
        """Keeps `what` as wrong unless it holds."""
        if not holds:
            self.wrong.append(what)

    def open(self, **options):
        """Opens the page in a browser of its own, from which nothing but the page can be had."""
        context = self.browser.new_context(**options)
        page = context.new_page()
        asked = []

        def asks(route):
            asked.append(route.request.url)
            if asked == [self.uri]:
                route.continue_()
            else:
                self.check(False, f"it asks for {route.request.url}")
                route.abort()

        context.route("**/*", asks)
        page.on("console", lambda message: self.check(message.type not in ("error", "warning"), f"the console says: {message.text}"))
        page.on("pageerror", lambda error: self.check(False, f"a script fails: {error}"))
        page.goto(self.uri, wait_until="load")
        page.wait_for_timeout(20)
        return page


def made(seriatim, scratch, name, arguments, code, *more):
    """The page of a check; `more` are further kinds of reports that are written beside it."""
    path = scratch / f"{name}.html"
    path.unlink(missing_ok=True)
    reports = [f"--report={kind}={path.with_suffix('.' + kind)}" for kind in ("html", *more)]
    command = [seriatim, "check", *arguments, "-qq", *reports]
    ended = subprocess.run(command, cwd=ROOT, check=False)
    if ended.returncode != code:
        sys.exit(f"`{' '.join(map(str, command))}` ended with {ended.returncode}, not {code}")
    return path


def told(name, wrong, more=""):
    print(f"{'FAILED' if wrong else 'ok':6}  {name}{more}", flush=True)
    for what in wrong:
        print(f"        {what}", flush=True)
    return len(wrong)


def refused(kind, browser, name, path, mutants):
    """Changes a page, and counts the changes that the check which must notice them does not notice."""
    failures = 0
    page = path.read_text(encoding="utf-8")
    mutant = path.with_name("mutant.html")
    for what, old, new, check in mutants:
        mutant.write_text(page.replace(old, new), encoding="utf-8")
        look = kind(browser, name, mutant)
        getattr(look, check)()
        is_seen = page.count(old) > 0 and look.wrong
        failures += told(f"a page with {what} is refused", [] if is_seen else ["nobody noticed"])
    return failures
