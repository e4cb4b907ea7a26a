"""The folder tree: folders only, filled by the app's own thread, each name made showable."""

from dataclasses import dataclass

from rich.text import Text
from textual.message import Message
from textual.widgets.tree import TreeNode

from tui.panes.walked_tree import WalkedTree
from tui.words.shown import shown


class FolderTree(WalkedTree[bytes]):
    """Folders below a root; a node's data is the folder's raw path."""

    @dataclass
    class ChildrenWanted(Message):
        """A folder is opened whose folders are not known yet."""

        folder: bytes

    @dataclass
    class Chosen(Message):
        """The cursor is on a folder; `enter` says that the list shall get the keys."""

        folder: bytes
        enter: bool

    def __init__(self, root: bytes, start: bytes | None = None, *, id: str | None = None) -> None:  # noqa: A002
        """Prepare the tree.

        Args:
            root: raw path.
            start: raw path of the folder below it to begin at.
            id: Textual's.
        """
        name = root.rstrip(b"/").rpartition(b"/")[2] or b"/"
        super().__init__(Text(shown(name)), data=root, id=id)
        self._by_path: dict[bytes, TreeNode[bytes]] = {root: self.root}
        self._asked: set[bytes] = set()
        self._sought = start
        self.border_title = "Folders"
        self.guide_depth = 2
        self.auto_expand = False

    def on_mount(self) -> None:
        """Open the root, and the way to where it begins."""
        self.root.expand()
        if self._sought is not None:
            self.reveal(self._sought)

    def fill(self, folder: bytes, subfolders: list[tuple[bytes, bool]], problem: str | None) -> None:
        """Take in the folders of a folder.

        Args:
            folder: its raw path.
            subfolders: (name, whether it holds folders itself), sorted.
            problem: why it cannot be read, None if it can.
        """
        self.asked = max(0, self.asked - 1)
        node = self._by_path.get(folder)
        if node is None:
            return
        if problem is not None:
            node.set_label(Text.assemble(Text("⊘ ", "bold red"), _name_of(node), (" not readable", "dim")))
        base = folder.rstrip(b"/") + b"/"
        wanted = {base + name: has_folders for name, has_folders in subfolders}
        for child in list(node.children):
            if child.data not in wanted:
                self._by_path = {p: n for p, n in self._by_path.items() if n is not child}
                child.remove()
        here = [child.data for child in node.children]
        for place, (path, has_folders) in enumerate(wanted.items()):
            if path in here:
                self._by_path[path].allow_expand |= has_folders
            else:
                label = Text(shown(path[len(base) :]))
                added = node.add(
                    label, data=path, allow_expand=has_folders, before=min(place, len(node.children))
                )
                self._by_path[path] = added
        node.allow_expand = bool(subfolders)
        node.refresh()  # its arrow
        if self._sought is not None:
            self.reveal(self._sought)

    def reveal(self, folder: bytes) -> None:
        """Open the way to a folder, as its parts become known, and put the cursor on it.

        Args:
            folder: raw path below the root.
        """
        self._sought = None
        way = [
            path for path in self._by_path if folder == path or folder.startswith(path.rstrip(b"/") + b"/")
        ]
        nearest = max(way, key=len, default=None)
        if nearest == folder:
            self.call_after_refresh(self.go_to, self._by_path[folder])
        elif nearest is not None:
            self._sought = folder if not self._by_path[nearest].children else None
            self._by_path[nearest].expand()

    def reload(self) -> None:
        """Ask again for what is in every folder that is known."""
        for folder in self._asked:
            self.asked += 1
            self.post_message(self.ChildrenWanted(folder))

    def want_children(self, node: TreeNode[bytes]) -> None:
        """Ask for what is in a folder, once."""
        if node.data is not None and node.data not in self._asked:
            self._asked.add(node.data)
            self.asked += 1
            self.post_message(self.ChildrenWanted(node.data))

    def choose(self, node: TreeNode[bytes], *, enter: bool) -> None:
        """Show the folder under the cursor, unless the cursor is on its way to another one."""
        if node.data is not None and (enter or self._sought is None):
            self.post_message(self.Chosen(node.data, enter))


def _name_of(node: TreeNode[bytes]) -> Text:
    return Text(shown((node.data or b"").rstrip(b"/").rpartition(b"/")[2] or b"/"))
