"""A tree that is walked by the keys of the photo list: what the folders and the timeline share."""

from typing import TypeVar

from textual.binding import Binding
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from tui.terminal.in_turn import Asking

Data = TypeVar("Data")


class WalkedTree(Tree[Data], Asking):
    """A tree whose branches fill themselves; those that derive from it say what to do with a chosen one."""

    BINDINGS = [
        Binding("j", "cursor_down", "Next", show=False, id="down"),
        Binding("k", "cursor_up", "Previous", show=False, id="up"),
        Binding("g", "scroll_home", "First", show=False, id="first"),
        Binding("G", "scroll_end", "Last", show=False, id="last"),
        Binding("l,right", "open", "Open, or go into it", id="right"),
        Binding("h,left", "shut", "Shut, or go up", id="left"),
        Binding("enter", "select_cursor", "To the photos", id="enter"),
    ]

    def want_children(self, node: TreeNode[Data]) -> None:
        """Have found what lies below a branch that is opened."""
        raise NotImplementedError

    def choose(self, node: TreeNode[Data], *, enter: bool) -> None:
        """Have shown what a branch leads to; `enter` says that the list shall get the keys."""
        raise NotImplementedError

    def go_to(self, node: TreeNode[Data]) -> None:
        """Put the cursor on a branch."""
        assert self.last_line >= 0  # asking for it makes the tree count its lines
        self.move_cursor(node)

    def on_tree_node_expanded(self, event: Tree.NodeExpanded[Data]) -> None:
        """Ask for what lies below."""
        event.stop()
        self.want_children(event.node)

    def on_tree_node_collapsed(self, event: Tree.NodeCollapsed[Data]) -> None:
        """Nobody else needs to know."""
        event.stop()

    def on_tree_node_highlighted(self, event: Tree.NodeHighlighted[Data]) -> None:
        """Show what is under the cursor."""
        event.stop()
        self.choose(event.node, enter=False)

    def on_tree_node_selected(self, event: Tree.NodeSelected[Data]) -> None:
        """Go into it."""
        event.stop()
        event.node.expand()
        self.choose(event.node, enter=True)

    def action_open(self) -> None:
        """Open the branch; if it is open, go to the first below; if there is none, to its photos."""
        node = self.cursor_node
        if node is None:
            return
        if not node.allow_expand:
            self.choose(node, enter=True)
        elif not node.is_expanded:
            node.expand()
        elif node.children:
            self.go_to(node.children[0])

    def action_shut(self) -> None:
        """Shut the branch; if it is shut, go to the one that it belongs to."""
        node = self.cursor_node
        if node is None:
            return
        if node.is_expanded and node.children and node is not self.root:
            node.collapse()
        elif node.parent is not None:
            self.move_cursor(node.parent)
