"""Twenty agents, each with a token of its own, write at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from statistics import quantiles
from threading import Barrier
from time import perf_counter
from typing import Any

import httpx

from tests.live.asking import call, edit
from tests.live.site import LiveSite

from .fault import Fault, Outcome
from .scene import Scene
from .tally import lost_edits, more_tokens, pages_titled

AGENTS = 20
EDITS = 3  # of each post
AIM = 3.0  # seconds
BROKEN = (httpx.HTTPError, KeyError, ValueError)


@dataclass
class Agent:
    """Drafts posts and edits them, one call after the other, as fast as answers come."""

    site: LiveSite
    name: str
    parent: int
    titles: list[str] = field(default_factory=list)
    intros: dict[int, str] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def work(self, posts: int, start: Barrier) -> "Agent":
        start.wait()
        for number in range(posts):
            self._post(f"{self.name}, post {number}")
        return self

    def _post(self, title: str) -> None:
        """One post; what was acknowledged is noted."""
        page = self._call("create_blog_post", parent_id=self.parent, title=title, body="Text.")
        if page:
            self.titles.append(title)
        for number in range(EDITS if page else 0):
            intro = f"{title}, edit {number}"
            edited = self._call("update_page", **edit(page["id"], page["revision_id"], intro))
            if edited:
                page = edited
                self.intros[page["id"]] = intro

    def _call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The structured content, or {} and a note of the error."""
        started = perf_counter()
        try:
            answer = call(self.site, self.name, tool, **arguments)
        except BROKEN as error:
            answer = {"isError": True, "content": [{"text": repr(error)}]}
        self.seconds.append(perf_counter() - started)
        if "structuredContent" not in answer or answer.get("isError"):
            self.errors.append(f"{tool}: {answer}"[:300])
            return {}
        content: dict[str, Any] = answer["structuredContent"]
        return content


def run(scene: Scene) -> Outcome:
    names = [f"agent {number}" for number in range(AGENTS)]
    posts = scene.rounds(10, 2)
    with scene.site() as site:
        site.demo["tokens"] |= scene.inspect(site, more_tokens, names)
        blog = call(site, names[0], "find_page", url="/blog/")["structuredContent"]["id"]
        start = Barrier(AGENTS)
        with ThreadPoolExecutor(AGENTS) as pool:
            agents = [Agent(site, name, blog) for name in names]
            done = list(pool.map(lambda agent: agent.work(posts, start), agents))
        lost = _lost(scene, site, done)
    return _outcome(done, lost)


def _lost(scene: Scene, site: LiveSite, agents: list[Agent]) -> int:
    """Acknowledged writes that are not there."""
    titles = [title for agent in agents for title in agent.titles]
    intros = {page: intro for agent in agents for page, intro in agent.intros.items()}
    found = scene.inspect(site, pages_titled, titles)
    missing = [title for title, number in found.items() if number != 1]
    return len(missing) + len(scene.inspect(site, lost_edits, intros))


def _outcome(agents: list[Agent], lost: int) -> Outcome:
    seconds = [second for agent in agents for second in agent.seconds]
    errors = [error for agent in agents for error in agent.errors]
    percentiles = quantiles(seconds, n=100)
    figures = (
        f"{len(seconds):,} writes of {len(agents)} agents: {lost} lost, {len(errors)} errors; "
        f"p50 {percentiles[49]:.2f} s, p95 {percentiles[94]:.2f} s, longest {max(seconds):.2f} s"
    )
    first = f" (first: {errors[0]})" if errors else ""
    return Outcome(figures + first, not lost and not errors and percentiles[94] < AIM)


FAULTS = (
    Fault(
        "agents",
        "20 agents write at once",
        f"0 lost, 0 errors, p95 < {AIM:.0f} s",
        run,
    ),
)
