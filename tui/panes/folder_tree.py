"""The folder tree: folders only, filled by the app's own thread, each name made showable."""

from dataclasses import dataclass

from rich.text import Text
from textual.binding import Binding
from textual.message import Message
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from tui.words.shown import shown


class FolderTree(Tree[bytes]):
    """Folders below a root; a node's data is the folder's raw path."""

    BINDINGS = [
        Binding("j", "cursor_down", "Next folder", show=False, id="down"),
        Binding("k", "cursor_up", "Previous folder", show=False, id="up"),
        Binding("g", "scroll_home", "First folder", show=False, id="first"),
        Binding("G", "scroll_end", "Last folder", show=False, id="last"),
        Binding("l,right", "open", "Open the folder, or go into it", id="right"),
        Binding("h,left", "shut", "Shut the folder, or go up", id="left"),
        Binding("enter", "select_cursor", "To the photos of the folder", id="enter"),
    ]

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
            self.call_after_refresh(self._go_to, self._by_path[folder])
        elif nearest is not None:
            self._sought = folder if not self._by_path[nearest].children else None
            self._by_path[nearest].expand()

    def _go_to(self, node: TreeNode[bytes]) -> None:
        assert self.last_line >= 0  # asking for it makes the tree count its lines
        self.move_cursor(node)

    def reload(self) -> None:
        """Ask again for what is in every folder that is known."""
        for folder in self._asked:
            self.post_message(self.ChildrenWanted(folder))

    def on_tree_node_expanded(self, event: Tree.NodeExpanded[bytes]) -> None:
        """Ask for what is in a folder, once."""
        event.stop()
        if event.node.data is not None and event.node.data not in self._asked:
            self._asked.add(event.node.data)
            self.post_message(self.ChildrenWanted(event.node.data))

    def on_tree_node_collapsed(self, event: Tree.NodeCollapsed[bytes]) -> None:
        """Nobody else needs to know."""
        event.stop()

    def on_tree_node_highlighted(self, event: Tree.NodeHighlighted[bytes]) -> None:
        """Show the folder under the cursor."""
        event.stop()
        if event.node.data is not None and self._sought is None:
            self.post_message(self.Chosen(event.node.data, enter=False))

    def on_tree_node_selected(self, event: Tree.NodeSelected[bytes]) -> None:
        """Go into the folder."""
        event.stop()
        if event.node.data is not None:
            event.node.expand()
            self.post_message(self.Chosen(event.node.data, enter=True))

    def action_open(self) -> None:
        """Open the folder; if it is open, go to its first folder; if it has none, to its photos."""
        node = self.cursor_node
        if node is None or node.data is None:
            return
        if not node.allow_expand:
            self.post_message(self.Chosen(node.data, enter=True))
        elif not node.is_expanded:
            node.expand()
        elif node.children:
            self._go_to(node.children[0])

    def action_shut(self) -> None:
        """Shut the folder; if it is shut, go to the one that it lies in."""
        node = self.cursor_node
        if node is None:
            return
        if node.is_expanded and node.children and node is not self.root:
            node.collapse()
        elif node.parent is not None:
            self.move_cursor(node.parent)


def _name_of(node: TreeNode[bytes]) -> Text:
    return Text(shown((node.data or b"").rstrip(b"/").rpartition(b"/")[2] or b"/"))
