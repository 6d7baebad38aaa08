"""Looks at what a page tells of symptoms: that it is what the JSON report of the same run has, and where and when that has it."""

import json
import re
import subprocess

from look import COLOURS, CONTRAST, HISTORIES, PALE, WIDER, Look, made, refused, told

# The name of a page, the recording that is checked, and how the check ends.
CASES = [
    # A split, a gap and a brown-out in one chain with a fault.
    ("split", "set/invalid/lab/galera-set-ignore-quorum-isolate-leader", 1),
    # Two gaps in one chain, and wrong answers while all was green.
    ("gaps", "register/invalid/lab/galera-register-dirty-reads-isolate-leader", 1),
    # Symptoms of a valid history, two of them at one node.
    ("valid-with-gaps", "cas-register/valid/lab/etcd-cas-register-linearizable-isolate-leader", 0),
    # Three faults and as many chains, the rows of which are as wide as a phone.
    ("pauses", "counter/invalid/lab/redis-guarded-tokens-pause-clients+pause-clients+pause-clients", 1),
    # A fault that nothing came of.
    ("clean", "counter/valid/lab/zookeeper-counter-sync-isolate-leader", 0),
]

# The page whose report is made more crowded than recordings are.
CROWDED = "gaps"

# A mark may be so many pixels beside the place of its time.
BESIDE = 2
# So wide is a mark, about, however short it lasted.
SHORTEST = 3
# So much of two labels, or of a label and the edge, may meet: the room above and below letters that none of them fills.
MEETS = 1.5
# The least contrast of what is no text: WCAG 2.2, 1.4.11.
MARK_CONTRAST = 3.0

STYLED = "</style>"

# Changes of the page `gaps`, and which check must notice each.
MUTANTS = [
    ("a card that nobody sees", STYLED, ".card.beside { display: none; }</style>", "cards"),
    ("a card of another code", '<span class="chip">SYM21', '<span class="chip">SYM20', "cards"),
    ("a card that leaves out what else it could be", STYLED, "ul.could { display: none; }</style>", "cards"),
    ("a card that tells another time", "1.7 s to 3.2 s", "1.7 s to 3.3 s", "cards"),
    ("no headline", STYLED, ".headline { display: none; }</style>", "cards"),
    ("a chain that lacks a link", '<li class="fault">', '<li class="fault" hidden>', "chains"),
    ("marks beside their times", STYLED, ".stretch { transform: translate(6px); }</style>", "marks"),
    ("wrong answers beside their times", STYLED, ".tick { transform: translate(-6px); }</style>", "marks"),
    ("a mark that is missing", 'class="stretch of-fault"', 'class="of-fault"', "marks"),
    ("marks outside of the drawing", STYLED, ".stretch { transform: translate(0, 900px); }</style>", "marks"),
    ("labels over each other", STYLED, "svg .mark { font-size: 30px; }</style>", "marks"),
    ("labels that run out of the drawing", STYLED, "svg .label { letter-spacing: 60px; }</style>", "marks"),
    ("a text that is too wide for a phone", "</main>", f"<p style='white-space:pre'>{'x' * 60}</p></main>", "marks"),
    ("a link to nowhere", 'href="#h0-SYM21"', 'href="#h0-SYM22"', "chains"),
    ("a link to another card of the same code", 'href="#h0-SYM01-2"', 'href="#h0-SYM01"', "chains"),
    ("a link that keys do not reach", 'href="#h0-SYM21"', 'tabindex="-1" href="#h0-SYM21"', "chains"),
    ("two cards of one name", 'id="h0-SYM01-2"', 'id="h0-SYM01"', "chains"),
    ("a request upon a click", '"use strict";', '"use strict"; addEventListener("hashchange", () => { new Image().src = "https://example.org/x.png"; });', "chains"),
    ("a label that is too pale", STYLED, "svg .label { fill: #999; }</style>", "colours"),
    ("a card that is too dark on paper", STYLED, "@media print { .card { background: #444; } }</style>", "colours"),
    ("marks that are too pale in the dark", STYLED, "@media screen and (prefers-color-scheme: dark) { svg .stretch { fill: #333; } }</style>", "colours"),
]

# Where everything of the drawing with the shared axis is, in pixels of the page.
DRAWN = """(figure) => {
  const svg = figure.querySelector("svg");
  const box = (of) => {
    const { left, right, top, bottom } = of.getBoundingClientRect();
    return { left, right, top, bottom };
  };
  const kind = (of) => of.matches(".tick") ? "anomaly" : of.matches(".of-fault") ? "fault" : "symptom";
  const all = (selector, told) => [...svg.querySelectorAll(selector)].map((of) => ({ ...told(of), ...box(of) }));
  return {
    drawing: box(svg),
    frame: box(figure),
    axis: box(svg.querySelector("line.grid")),
    lanes: all("text.mark", (of) => ({ name: of.textContent })),
    marks: all(".stretch, .tick", (of) => ({ kind: kind(of) })),
    texts: all("text", (of) => ({ text: of.textContent, isLabel: of.matches(".label") })),
  };
}"""

# Marks that hardly differ from what is behind them, and labels on marks that hardly differ from those, as `what: contrast`.
PALE_MARKS = """(figure, [least, leastOfText]) => {
""" + COLOURS + """
  const svg = figure.querySelector("svg");
  const paper = behind(svg);
  const backs = [paper];
  for (const band of [...svg.querySelectorAll("rect.fault")].slice(0, 1)) {
    const [r, g, b] = channels(getComputedStyle(band).fill);
    backs.push(over([r, g, b, Number(getComputedStyle(band).opacity)], paper));
  }
  const pale = new Map();
  const note = (what, is, bound) => is < bound && pale.set(what, is.toFixed(2));
  const marks = [...svg.querySelectorAll(".stretch, .tick")];
  for (const mark of marks) {
    const style = getComputedStyle(mark);
    const shown = channels(style.stroke === "none" ? style.fill : style.stroke);
    note(mark.getAttribute("class"), Math.min(...backs.map((back) => contrast(shown, back))), least);
  }
  const meets = (one, other) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
  for (const label of svg.querySelectorAll(".label")) {
    const style = getComputedStyle(label);
    const isOutlined = style.stroke !== "none" && style.paintOrder.startsWith("stroke") && parseFloat(style.strokeWidth) >= 2;
    const under = marks.filter((mark) => meets(mark.getBoundingClientRect(), label.getBoundingClientRect()));
    const around = isOutlined ? [channels(style.stroke)] : under.map((mark) => channels(getComputedStyle(mark).fill));
    for (const back of around) note(`label ${label.textContent}`, contrast(channels(style.fill), back), leastOfText);
  }
  return [...pale].map(([what, is]) => `${what}: ${is}`);
}"""

# What a link has led to.
LED = """(link) => {
  const target = document.querySelector(":target");
  const cards = [...document.querySelectorAll("article.card")];
  const { top, bottom } = target?.getBoundingClientRect() ?? {};
  return {
    hash: location.hash === link.getAttribute("href"),
    card: cards.indexOf(target),
    isSeen: Boolean(target) && target.checkVisibility({ checkVisibilityCSS: true }) && top < innerHeight && bottom > 0,
    isFocused: Boolean(target) && document.activeElement === target,
  };
}"""

NAMES_TWICE = "() => [...document.querySelectorAll('[id]')].map((of) => of.id).filter((id, at, all) => all.indexOf(id) !== at)"

NUMBER = r"(?<![\d.,])(\d[\d,]*(?:\.\d+)?)"
STRETCH = re.compile(rf"{NUMBER}(?: (ms|s))? to {NUMBER} (ms|s)\b")
MOMENT = re.compile(rf"{NUMBER} (ms|s)\b")


def plain(text):
    return " ".join(text.split())


def name_of(fault):
    """The name of a fault as pages have it: that of the lab's nemeses, without the word that begins it."""
    return fault.removeprefix("start-")


def is_rounded(shown, unit, seconds):
    """Whether a number of a text is what these seconds are, rounded to as many digits as it has."""
    digits = len(shown.partition(".")[2])
    exact = seconds * (1000 if unit == "ms" else 1)
    return abs(float(shown.replace(",", "")) - exact) <= 0.5001 * 10**-digits


def tells(text, from_s, to_s):
    """Whether a text tells this stretch of time."""
    if to_s is not None and to_s > from_s:
        return any(is_rounded(one, unit or other, from_s) and is_rounded(two, other, to_s) for one, unit, two, other in STRETCH.findall(text))
    return any(is_rounded(number, unit, from_s) for number, unit in MOMENT.findall(text))


def expected(history):
    """What must stand on the shared axis: a lane each, in their order, with the kind of its marks, and from when to when each is."""
    timeline = history["run"]["timeline"]
    end = timeline["from_s"] + timeline["step_s"] * len(timeline["ended"])
    lanes = {}
    for fault in history["run"]["faults"]:
        lanes.setdefault("faults", []).append(("fault", fault["from_s"], fault.get("to_s", end)))
    for anomaly in history["anomalies"]:
        for of in anomaly["operations"]:
            at = of.get("end_s", of["call_s"])
            lanes.setdefault(anomaly["code"], []).append(("anomaly", at, at))
    for symptom in history["symptoms"]:
        lanes.setdefault(symptom["code"], []).append(("symptom", symptom["from_s"], symptom["to_s"]))
    return (timeline["from_s"], end), lanes


def shared(one, other):
    """How much of two boxes is shared, in both directions at least."""
    across = min(one["right"], other["right"]) - max(one["left"], other["left"])
    return min(across, min(one["bottom"], other["bottom"]) - max(one["top"], other["top"]))


def is_within(of, box, slack):
    beyond = [box["left"] - of["left"], of["right"] - box["right"], box["top"] - of["top"], of["bottom"] - box["bottom"]]
    return max(beyond) <= slack


class Symptoms(Look):
    """What a page must tell of symptoms."""

    def __init__(self, browser, name, path):
        super().__init__(browser, name, path)
        report = path.with_name(f"{name}.json").read_text(encoding="utf-8")
        self.history = json.loads(report)["histories"][0]

    def all(self):
        for check in (self.cards, self.marks, self.chains, self.colours):
            check()
        return self.wrong

    def cards(self):
        """Each symptom has a card, with its numbers and all that else could be; of a clean history nothing is told."""
        page = self.open()
        symptoms = self.history["symptoms"]
        cards = [plain(text) for text in page.locator("article.card.beside").all_inner_texts()]
        chips = page.locator("article.card.beside h3 .chip").all_inner_texts()
        self.check(chips == [of["code"] for of in symptoms], f"the cards are those of {chips}")
        for symptom, card in zip(symptoms, cards):
            code = symptom["code"]
            self.check(tells(card, symptom["from_s"], symptom["to_s"]), f"the card of {code} does not tell {symptom['from_s']} s to {symptom['to_s']} s: {card}")
            words = [symptom["message"], *symptom.get("confounders", [])]
            words += [number[which] for number in symptom.get("numbers", []) for which in ("name", "shown", "usual_shown") if number.get(which)]
            if symptom.get("scope"):
                words.append(symptom["scope"]["shown"])
            for word in map(plain, words):
                self.check(word in card, f"the card of {code} does not say: {word}")
            self.check(("Could also be" in card) == bool(symptom.get("confounders")), f"the card of {code} is at odds with what else it could be")
        body = plain(page.inner_text("body")).lower()
        headline = self.history.get("headline", "wrong while green")
        self.check((headline.lower() in body) == ("headline" in self.history), f"of answers that were wrong while green it says too little or too much, not: {headline}")
        if not symptoms:
            self.check(not re.search(r"sym\d", body), "it tells of symptoms that the report does not have")
            self.check(page.locator(".beside, .headline").count() == 0, "it has a place for symptoms that the report does not have")
        page.context.close()

    def marks(self):
        """On the axis that faults, findings, symptoms and nodes share, each mark is where its time is, and each label can be read."""
        for width in (1200, 420):
            page = self.open(viewport={"width": width, "height": 800})
            wider = page.evaluate(WIDER)
            self.check(wider <= 0, f"at {width} px it is {wider} px too wide")
            drawn = page.locator("figure:not(.lanes)").last.evaluate(DRAWN)
            self.check(drawn["frame"]["right"] <= width, f"at {width} px what is around the drawing is too wide")
            self.placed(drawn, width)
            self.labels(drawn, width)
            page.context.close()

    def placed(self, drawn, width):
        (begin, end), lanes = expected(self.history)
        axis, drawing = drawn["axis"], drawn["drawing"]
        names = [lane["name"] for lane in drawn["lanes"]]
        self.check(names == list(lanes), f"the lanes are {names}, not {list(lanes)}")
        middle = lambda of: (of["top"] + of["bottom"]) / 2
        middle_across = lambda of: (of["left"] + of["right"]) / 2
        found = {}
        for mark in drawn["marks"]:
            self.check(is_within(mark, drawing, 1), f"at {width} px a mark of a {mark['kind']} runs out of the drawing: {mark}")
            # The name of a lane stands at its first row.
            above = [lane["name"] for lane in drawn["lanes"] if middle(lane) <= middle(mark) + 5]
            found.setdefault(above[-1] if above else "none", []).append(mark)
        place = lambda at: axis["left"] + (axis["right"] - axis["left"]) * min(max((at - begin) / (end - begin), 0), 1)
        for lane, times in lanes.items():
            marks = sorted(found.pop(lane, []), key=lambda of: (of["left"], of["right"]))
            self.check([of["kind"] for of in marks] == [kind for kind, *_ in times], f"lane {lane} has {len(marks)} marks, not {len(times)}")
            for mark, (kind, from_s, to_s) in zip(marks, sorted(times, key=lambda of: of[1:])):
                is_from, is_to = mark["left"], mark["right"]
                left, right = place(from_s), max(place(to_s), place(from_s) + SHORTEST)
                if kind == "anomaly":
                    # It points to its time.
                    is_from = is_to = middle_across(mark)
                    right = left
                is_there = max(abs(is_from - left), abs(is_to - right)) <= BESIDE
                self.check(is_there, f"at {width} px a mark of {lane} is at {is_from:.1f} to {is_to:.1f}, not {left:.1f} to {right:.1f}")
        self.check(not found, f"there are marks in no lane or in one that should be empty: {list(found)}")

    def labels(self, drawn, width):
        texts = drawn["texts"]
        for at, one in enumerate(texts):
            self.check(is_within(one, drawn["drawing"], MEETS), f"at {width} px `{one['text']}` runs out of the drawing: {one}")
            for other in texts[at + 1 :]:
                self.check(shared(one, other) <= MEETS, f"at {width} px `{one['text']}` and `{other['text']}` are one over the other")
        # A label names its own mark, on which it may stand, so it lies on one at most.
        for label in texts:
            under = [mark for mark in drawn["marks"] if label["isLabel"] and shared(label, mark) > MEETS]
            self.check(len(under) <= 1, f"at {width} px `{label['text']}` is over {len(under)} marks")

    def chains(self):
        """The links of chains lead to cards, by clicks and by keys."""
        page = self.open()
        chains = self.history.get("chains", [])
        drawn = page.locator("ol.chain")
        self.check(drawn.count() == len(chains), f"there are {drawn.count()} chains, not {len(chains)}")
        twice = page.evaluate(NAMES_TWICE)
        self.check(not twice, f"these names are not of one thing alone: {twice}")
        codes = page.locator("article.card h3 .chip").all_inner_texts()
        for at, chain in enumerate(chains[: drawn.count()]):
            rows = drawn.nth(at).locator("> li:visible")
            told = [plain(text) for text in rows.all_inner_texts()]
            self.check(len(told) == len(chain["links"]), f"chain {at} says {told}")
            for link, row in zip(chain["links"], told):
                name = name_of(link["code"]) if link.get("fault") else link["code"]
                self.check(row.startswith(f"{name} {link['label']}".strip()), f"chain {at} says {row}, not {name} {link['label']}")
                self.check(tells(row, link["from_s"], link.get("to_s")), f"chain {at} says {row}, not {link['from_s']} s to {link.get('to_s')} s")
            links = [of for of in chain["links"] if of["code"] in codes]
            leads = drawn.nth(at).locator("a")
            self.check(leads.count() == len(links), f"chain {at} has {leads.count()} links to cards, not {len(links)}")
            for number, of in enumerate(links[: leads.count()]):
                lead = leads.nth(number)
                lead.click()
                self.led(lead, "a click", of, codes)
                # From what comes before it, so that the next key gets there.
                page.evaluate("() => history.replaceState(null, '', '#')")
                before = leads.nth(number - 1) if number else page.locator("article.card").last
                before.focus()
                for _ in range(100):
                    page.keyboard.press("Tab")
                    if lead.evaluate("(of) => document.activeElement === of"):
                        break
                page.keyboard.press("Enter")
                self.led(lead, "Tab and Enter", of, codes)
        page.context.close()

    def led(self, lead, how, link, codes):
        led = lead.evaluate(LED)
        what = f"upon {how} the link to {link['code']}, {link['from_s']} s,"
        self.check(led["hash"] and led["card"] >= 0, f"{what} leads to nothing")
        self.check(led["isSeen"], f"{what} leads to what cannot be seen")
        self.check(led["isFocused"], f"{what} does not take keys along")
        symptoms = self.history["symptoms"]
        same = [at for at, of in enumerate(symptoms) if of["code"] == link["code"]]
        # A link begins no earlier than the one before it, so its end says more.
        there = [at for at in same if symptoms[at]["to_s"] == link.get("to_s")]
        first = len(codes) - len(symptoms)
        may = [first + at for at in there or same] or [codes.index(link["code"])]
        self.check(led["card"] in may, f"{what} leads to card {led['card']}, not to {may}")

    def colours(self):
        """In both schemes and on paper, marks and labels differ from what is behind them, and so does the text of cards."""
        for scheme, medium in (("light", "screen"), ("dark", "screen"), ("dark", "print")):
            page = self.open(color_scheme=scheme)
            page.emulate_media(media=medium, color_scheme=scheme)
            figure = page.locator("figure:not(.lanes)").last
            pale = page.evaluate(PALE, CONTRAST) + figure.evaluate(PALE_MARKS, [MARK_CONTRAST, CONTRAST])
            self.check(not pale, f"{scheme}, {medium}: too pale: {', '.join(pale)}")
            page.context.close()


def crowded(seriatim, path):
    """The page of a report with more at the ends of the axis: faults with long names that begin together, and one without an end, and
    what lasts from end to end or is at one of them."""
    report = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    history = report["histories"][0]
    (begin, end), _ = expected(history)
    faults, anomalies, symptoms = history["run"]["faults"], history["anomalies"], history["symptoms"]
    for from_s in (faults[0]["from_s"] + 0.05, faults[0]["from_s"] + 0.1, end - 0.1, end - 0.02):
        faults.append({"name": "start-isolate-follower-in-minority", "nodes": ["n2", "n3"], "from_s": from_s, "to_s": min(from_s + 0.3, end)})
    faults += [{"name": "start-clock", "nodes": ["n4"], "from_s": from_s} for from_s in (end - 0.2, end)]
    anomalies[0]["operations"][0]["end_s"] = end
    anomalies[1]["operations"][0]["end_s"] = begin
    symptoms[0].update(from_s=begin, to_s=end)
    symptoms[1].update(from_s=end, to_s=end)
    made_of = path.with_name("symptoms-crowded.json")
    made_of.write_text(json.dumps(report), encoding="utf-8")
    path = made_of.with_suffix(".html")
    path.unlink(missing_ok=True)
    subprocess.run([seriatim, "report", made_of, "--report", f"html={path}"], stdout=subprocess.DEVNULL, check=False)
    return path


def failures(browser, seriatim, scratch):
    """Looks at all pages, and counts what is wrong."""
    pages = {}
    for name, recording, code in CASES:
        pages[name] = made(seriatim, scratch, f"symptoms-{name}", [HISTORIES / f"{recording}.jsonl.zst"], code, "json")
    pages["crowded"] = crowded(seriatim, pages[CROWDED])
    count = 0
    for name, path in pages.items():
        look = Symptoms(browser, path.stem, path)
        kinds = ", ".join(of["code"] for of in look.history["symptoms"]) or "none"
        count += told(path.stem, look.all(), f": {kinds}")
    return count + refused(Symptoms, browser, "symptoms-gaps", pages["gaps"], MUTANTS)
