"""The counter of idioms: what it reads as prose, and what it counts in it."""

from collections import Counter
from pathlib import Path

from scripts.count_idioms import count_idioms, files_of, idioms_in, prose_of

MODULE = '''\
"""Where a walk stands. Of one paper, None where there is none."""

shelf = {"told": 1}  # beside the shelf, whoever asks
stands = "the shelf `told` stands"


def told(where: int) -> str:
    """Return `told where it stands`."""
    door: str = "told"
    """A room."""
    return f"{told(where)} holds {door} and nobody"
'''
PAGE = """\
# What stands here

The door, `door` and {{ told(door) }} {% if stands
%} go on for those told.
"""


def checkout(folder: Path) -> Path:
    (folder / "index").mkdir()
    (folder / "index" / "module.py").write_text(MODULE)
    (folder / "api" / "templates").mkdir(parents=True)
    (folder / "api" / "templates" / "page.html").write_text(PAGE)
    return folder


def test_idioms_are_counted_by_kind(tmp_path: Path) -> None:
    reviewed, added = count_idioms(checkout(tmp_path))
    expected: dict[str, Counter[str]] = {
        "where for if": Counter(docstring=1),
        "stand(s) for be": Counter(docstring=1, message=1, page=1),
        "of one, of such": Counter(docstring=1),
        "tell, told": Counter(page=1),
        "beside": Counter(comment=1),
        "who + verb": Counter(comment=1),
        "go on": Counter(page=1),
        "metaphors": Counter(docstring=1, comment=1, message=1, page=1),
        "night for run": Counter(),
        "what for that which": Counter(),
    }
    assert {name: counts for name, counts in reviewed.items() if counts} == {
        name: counts for name, counts in expected.items() if counts
    }
    assert reviewed.keys() == expected.keys()
    assert {name: counts for name, counts in added.items() if counts} == {
        "ask for request": Counter(comment=1),
        "hold for contain": Counter(message=1),
        "begins with Of": Counter(docstring=1),
        "is none": Counter(docstring=1),
        "archaic words": Counter(message=1),
    }


def test_kinds_can_be_selected(tmp_path: Path) -> None:
    reviewed, added = count_idioms(checkout(tmp_path), ["comment"])
    counted = sum((reviewed | added).values(), Counter[str]())
    assert counted == Counter(comment=4)


def test_places_have_the_line_of_the_file(tmp_path: Path) -> None:
    folder = checkout(tmp_path)
    places = [
        (path.name, line + text[: match.start()].count("\n"))
        for path in files_of(folder)
        for _, line, text in prose_of(path)
        for name, match in idioms_in(text)
        if name == "metaphors"
    ]
    assert sorted(places) == [
        ("module.py", 3),
        ("module.py", 4),
        ("module.py", 10),
        ("page.html", 3),
    ]


def test_code_is_not_counted(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("room = told(where=nobody)\nasked: dict[str, str] = {'shelf': f'{held}'}\n")
    assert list(prose_of(module)) == []
