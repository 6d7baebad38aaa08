"""Draws the operations that show a finding, as the HTML report has them. Called by docs/gallery/draw."""

import argparse
import pathlib
import subprocess
import sys

from playwright.sync_api import sync_playwright

GALLERY = pathlib.Path(__file__).resolve().parent
ROOT = GALLERY.parents[1]

# The name of a picture, what is checked, the code of the finding that is drawn, and whether lanes are those of nodes.
PICTURES = [
    ("stale-read", "register/invalid/lab/zookeeper-register-no-sync-none", "LIN001", True),
    ("split-brain", "cas-register/invalid/lab/redis-cas-register-primary-isolate-leader", "LIN001", True),
    ("split-brain-run", "cas-register/invalid/lab/redis-cas-register-primary-isolate-leader", None, False),
    ("lost-update", "cas-register/invalid/lab/nats-cas-register-leader-reads-none", "LIN009", False),
    ("zombie-owner", "counter/invalid/lab/redis-guarded-tokens-pause-clients+pause-clients+pause-clients", "LIN020", False),
    ("discarded-side", "set/invalid/lab/rabbitmq-set-mirrored-autoheal-isolate-leader", "LIN013", False),
    ("discarded-side-run", "set/invalid/lab/rabbitmq-set-mirrored-autoheal-isolate-leader", None, False),
    ("not-yet-durable", "set/invalid/lab/postgres-set-commit-off-kill-leader", "LIN013", False),
]

# So many bytes at most, and so wide: what a reader of the page has.
LARGEST = 120_000
WIDTH = 1000

# The drawing alone, on white; what is only for those who can click goes.
PLAIN = """
body { background: #fff !important; margin: 0 !important; }
figure { background: #fff !important; padding: 4px !important; margin: 0 !important; }
figure > :not(svg, .scroll, :has(svg)) { display: none !important; }
"""


def drawing(page, code):
    """What is drawn of the first finding with this code, or of the run as a whole."""
    if code is None:
        return page.locator("figure:not(.lanes)").last
    return page.locator("article", has=page.locator(f"text=/^{code}/")).locator("figure.lanes").first


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seriatim", type=pathlib.Path, required=True)
    parser.add_argument("--chromium", required=True)
    parser.add_argument("--scratch", type=pathlib.Path, required=True)
    of = parser.parse_args()
    with sync_playwright() as playwright:
        # Whoever is root has no sandbox.
        browser = playwright.chromium.launch(executable_path=of.chromium, args=["--no-sandbox"])
        for name, history, code, is_by_node in PICTURES:
            report = (of.scratch / f"{name}.html").resolve()
            command = [of.seriatim.resolve(), "check", f"histories/{history}.jsonl.zst", "-qq", "--report", f"html={report}"]
            ended = subprocess.run(command, cwd=ROOT, check=False)
            if ended.returncode != 1:
                sys.exit(f"`{' '.join(map(str, command))}` ended with {ended.returncode}, not 1")
            page = browser.new_page(viewport={"width": WIDTH, "height": 800}, color_scheme="light", device_scale_factor=1.5 if code else 1)
            page.goto(report.as_uri())
            figure = drawing(page, code)
            if is_by_node:
                figure.locator("button[data-by=node]").click()
            page.add_style_tag(content=PLAIN)
            path = GALLERY / f"{name}.png"
            figure.screenshot(path=path)
            page.close()
            size = path.stat().st_size
            print(f"{path.relative_to(ROOT)}: {size:,} bytes")
            if size > LARGEST:
                sys.exit(f"{name} has more than {LARGEST:,} bytes")
        browser.close()


if __name__ == "__main__":
    main()
