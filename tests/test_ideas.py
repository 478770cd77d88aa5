"""The map of ideas: boxes do not cover each other, threads run forward in time."""

from dataclasses import replace
from itertools import combinations
from xml.etree import ElementTree

import pytest

from viz_core import ideas
from viz_core.ideas import IDEAS, Idea


def test_boxes_do_not_cover_each_other():
    for a, b in combinations([ideas.place(idea) for idea in IDEAS], 2):
        apart_x = abs(a[0] - b[0]) >= ideas.BOX_WIDTH
        apart_y = abs(a[1] - b[1]) >= ideas.BOX_HEIGHT
        assert apart_x or apart_y


def test_the_drawing_is_well_formed_and_links_every_paper_once():
    root = ElementTree.fromstring(ideas.svg())
    links = [node.get("href") for node in root.iter("a")]
    assert links == [f"https://arxiv.org/abs/{idea.arxiv}" for idea in IDEAS]
    assert len(set(links)) == len(IDEAS)
    assert len(list(root.iter("path"))) == sum(len(idea.after) for idea in IDEAS)


def test_places_of_two_ideas_by_hand():
    old, new = Idea("old", 2000, 0, "1", ""), Idea("new", 2003, 1, "2", "", ("old",))
    x, y = ideas.place(old, (old, new))
    assert ideas.place(new, (old, new)) == (x + ideas.YEAR_WIDTH, y + ideas.LANE_HEIGHT)


@pytest.mark.parametrize("name", ["nobody", "later", "twin"])
def test_an_idea_builds_only_on_what_was_there(name):
    later, twin = Idea("later", 2010, 1, "2", ""), Idea("twin", 2000, 2, "3", "")
    with pytest.raises(ValueError, match=f"cannot build on {name}"):
        ideas.svg((later, twin, replace(later, name="old", year=2000, after=(name,))))
