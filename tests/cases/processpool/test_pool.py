import concurrent.futures
import multiprocessing


def fails(number):
    raise ValueError("in process %d" % number)


def test_executor():
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        pool.submit(fails, 1).result()


def test_pool():
    with multiprocessing.Pool(1) as pool:
        pool.map(fails, [2])
