"""Raw paths are put together and taken apart as the operating system does it, at the root, too."""

import os.path

import pytest

from catalog.raw_path import folder_and_name, is_inside, path_in


@pytest.mark.parametrize("folder", [b"/", b"/a", b"/a/", b"/a b/\xff\n"])
def test_a_path_comes_apart_as_it_was_put_together(folder):
    path = path_in(folder, b"x\xff.jpg")
    assert path == os.path.join(folder, b"x\xff.jpg")  # noqa: PTH118 (a raw path)
    assert folder_and_name(path) == os.path.split(path)


@pytest.mark.parametrize(
    ("folder", "outer", "inside"),
    [
        (b"/a", b"/a", True), (b"/a", b"/a/", True), (b"/a/", b"/a", True), (b"/a/b/c", b"/a", True),
        (b"/a", b"/", True), (b"/", b"/", True), (b"/", b"/a", False), (b"/ab", b"/a", False),
        (b"/a", b"/a/b", False), (b"/b/a", b"/a", False),
    ],
)  # fmt: skip
def test_a_folder_is_inside_itself_and_all_above_it(folder, outer, inside):
    assert is_inside(folder, outer) is inside
