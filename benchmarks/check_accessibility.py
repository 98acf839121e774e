"""Check a page against WCAG with axe-core in Chromium: a proof to be run by hand.

Needs `axe.min.js` of axe-core (`npm install axe-core`) and Chromium; asks nothing of the network.

    carepath report study --out report.html
    python benchmarks/check_accessibility.py report.html node_modules/axe-core/axe.min.js
"""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# Widths of a phone and of a desk [CSS pixel].
WIDTHS = (390, 1280)
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
RUN = """
axe.run({runOnly: %s}).then(found => {
  const put = document.createElement('pre');
  put.id = 'FOUND';
  put.textContent = JSON.stringify({
    violations: found.violations.map(one => [one.id, one.help, one.nodes.map(o => o.html)]),
    passes: found.passes.length,
  });
  document.body.appendChild(put);
});
"""


def check(page: str, axe: str, width: int) -> dict[str, object]:
    """Return what axe finds on a page of a width."""
    script = f"<script>{axe}</script><script>{RUN % json.dumps(RULES)}</script></body>"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        path.write_text(page.replace("</body>", script), encoding="utf-8")
        command = [
            *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"),
            *("--virtual-time-budget=60000", f"--window-size={width},900", path.as_uri()),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    found = re.search(r'<pre id="FOUND">(.*?)</pre>', done.stdout, re.DOTALL)
    if found is None:
        raise SystemExit("axe has not answered")
    answer: dict[str, object] = json.loads(html.unescape(found[1]))
    return answer


def main() -> None:
    """Print what is found, and fail if there is any violation."""
    page, axe = (Path(one).read_text(encoding="utf-8") for one in sys.argv[1:3])
    bad = False
    for width in WIDTHS:
        found = check(page, axe, width)
        print(
            f"{width} px: {found['passes']} rules hold, violated: {found['violations'] or 'none'}"
        )
        bad = bad or bool(found["violations"])
    raise SystemExit(1 if bad else 0)


if __name__ == "__main__":
    main()
