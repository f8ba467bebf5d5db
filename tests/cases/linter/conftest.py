import pytest


def pytest_collect_file(parent, file_path):
    if file_path.suffix == ".txt":
        return TextFile.from_parent(parent, path=file_path)


class Report:
    """A representation that is no string, as some plugins have."""

    def __init__(self, text):
        self.text = text

    def toterminal(self, terminal):
        terminal.line(self.text)


class TextFile(pytest.File):
    def collect(self):
        if "unreadable" in self.name:
            raise ValueError(self.name)
        yield TextItem.from_parent(self, name="lint")

    def repr_failure(self, excinfo):
        return "%s is not a text" % excinfo.value


class TextItem(pytest.Item):
    def runtest(self):
        for number, line in enumerate(self.path.read_text().splitlines(), 1):
            if line != line.strip():
                raise LookupError("%s:%d: trailing blank" % (self.path.name, number))

    def repr_failure(self, excinfo):
        return Report("1 problem found\n\n%s" % excinfo.value)

    def reportinfo(self):
        return self.path, None, "lint"
