"""The outputs of a preview: a folder (`folder.FolderPublisher`) and the terminal (`terminal.Display`).

The page itself is rendered in `core/preview`.
"""
