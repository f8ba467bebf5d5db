"""The replacement of a crashed worker gets its tests before it has collected, as if another had crashed meanwhile."""

from xdist.scheduler import LoadScheduling


class EarlyScheduling(LoadScheduling):
    def add_node(self, node):
        super().add_node(node)
        if self.collection is not None:
            self.check_schedule(node)


def pytest_xdist_make_scheduler(config, log):
    return EarlyScheduling(config, log)
