import asyncio


async def fails(number):
    raise ValueError("task %d" % number)


async def run():
    async with asyncio.TaskGroup() as group:
        group.create_task(fails(1))
        group.create_task(fails(2))


def test_tasks():
    asyncio.run(run())
