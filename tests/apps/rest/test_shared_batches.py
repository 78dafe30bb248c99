"""Work of many requests done together: order, company, turns, limits, and those who leave."""

import asyncio
import threading
from dataclasses import replace

import pytest

from biogloss.apps.rest.batches import Batches, Busy
from biogloss.apps.rest.settings import Limits


class Held:
    """A call that waits until it is let go, and notes each batch."""

    def __init__(self):
        self.batches = []
        self.begun = threading.Semaphore(0)
        self.gate = threading.Semaphore(0)

    def __call__(self, items):
        self.begun.release()
        self.gate.acquire()
        self.batches.append(list(items))
        return [item.upper() for item in items]


@pytest.fixture
def held():
    return Held()


def batches_of(call, **limits):
    return Batches("test", call, size=len, limits=replace(Limits(waiting_seconds=1e9), **limits))


def run(scenario):
    return asyncio.run(asyncio.wait_for(scenario, 60))


async def begun(held):
    await asyncio.to_thread(held.begun.acquire)


def test_each_caller_gets_its_own_results_in_order():
    async def scenario():
        own = batches_of(lambda items: [item * 2 for item in items])
        asked = [[f"{caller}{number}" for number in range(5)] for caller in range(40)]
        found = await asyncio.gather(*(own.submit(items) for items in asked))
        assert found == [[item * 2 for item in items] for items in asked]
        assert await own.submit([]) == []
        own.stop()

    run(scenario())


def test_what_waits_while_a_thread_works_is_its_next_batch(held):
    async def scenario():
        own = batches_of(held)
        first = asyncio.create_task(own.submit(["a"]))
        await begun(held)
        others = [asyncio.create_task(own.submit([name])) for name in "bcd"]
        await asyncio.sleep(0)
        assert own.waiting == 3
        held.gate.release(9)
        await asyncio.gather(first, *others)
        assert held.batches == [["a"], ["b", "c", "d"]]

    run(scenario())


def test_callers_take_turns_and_batches_are_bounded(held):
    async def scenario():
        own = batches_of(held, batch_documents=4)
        first = asyncio.create_task(own.submit(["x"]))
        await begun(held)
        large = asyncio.create_task(own.submit([f"l{number}" for number in range(6)]))
        small = asyncio.create_task(own.submit(["s"]))
        await asyncio.sleep(0)
        held.gate.release(9)
        await asyncio.gather(first, large, small)
        assert held.batches[1] == ["l0", "s", "l1", "l2"]
        assert [item for batch in held.batches for item in batch if item != "s"][1:] == [f"l{n}" for n in range(6)]

    run(scenario())


def test_a_batch_holds_so_many_characters_but_one_item_at_least(held):
    async def scenario():
        own = batches_of(held, batch_characters=10)
        first = asyncio.create_task(own.submit(["x"]))
        await begun(held)
        rest = asyncio.create_task(own.submit(["a" * 4, "b" * 4, "c" * 40, "d"]))
        await asyncio.sleep(0)
        held.gate.release(9)
        await asyncio.gather(first, rest)
        assert [len(batch) for batch in held.batches] == [1, 2, 1, 1]

    run(scenario())


def test_beyond_the_limit_nothing_more_waits_and_the_wait_is_told(held):
    async def scenario():
        own = batches_of(held, waiting_documents=3)
        first = asyncio.create_task(own.submit(["a"]))
        await begun(held)
        others = asyncio.create_task(own.submit(["b", "c", "d"]))
        await asyncio.sleep(0)
        with pytest.raises(Busy) as refused:
            await own.submit(["e"])
        assert refused.value.waiting == 3
        job = asyncio.create_task(own.submit(["j"], is_job=True))  # never refused: it waits for idle time
        held.gate.release(9)
        await asyncio.gather(first, others, job)

    run(scenario())


def test_the_wait_that_is_foreseen_counts_too(held):
    async def scenario():
        own = Batches("test", held, size=lambda _: 1_000_000, limits=Limits(waiting_seconds=1.0))
        own._rate = 1_000.0  # what it would have measured
        first = asyncio.create_task(own.submit(["a"]))
        await begun(held)
        second = asyncio.create_task(own.submit(["b"]))  # let in: nothing waits
        await asyncio.sleep(0)
        with pytest.raises(Busy) as refused:
            await own.submit(["c"])
        assert refused.value.seconds > 1.0
        held.gate.release(9)
        assert await asyncio.gather(first, second) == [["A"], ["B"]]

    run(scenario())


def test_what_is_not_begun_when_its_caller_leaves_is_not_done(held):
    async def scenario():
        own = batches_of(held)
        first = asyncio.create_task(own.submit(["a"]))
        await begun(held)
        left = asyncio.create_task(own.submit(["b", "c"]))
        stays = asyncio.create_task(own.submit(["d"]))
        await asyncio.sleep(0)
        left.cancel()
        await asyncio.gather(left, return_exceptions=True)
        held.gate.release(9)
        assert await first == ["A"]
        assert await stays == ["D"]
        assert held.batches == [["a"], ["d"]]
        assert own.waiting == 0

    run(scenario())


def test_an_error_reaches_those_of_the_batch_and_the_thread_lives_on():
    def call(items):
        if "bad" in items:
            raise KeyError("bad")
        return items

    async def scenario():
        own = batches_of(call)
        with pytest.raises(KeyError):
            await own.submit(["bad"])
        assert await own.submit(["good"]) == ["good"]
        assert own.is_alive

    run(scenario())


def test_jobs_take_what_requests_leave_but_are_not_forgotten(held):
    async def scenario():
        own = batches_of(held, batch_documents=1)
        first = asyncio.create_task(own.submit(["x"]))
        await begun(held)
        job = asyncio.create_task(own.submit(["job"], is_job=True))
        requests = asyncio.create_task(own.submit([f"r{number}" for number in range(40)]))
        await asyncio.sleep(0)
        held.gate.release(99)
        await asyncio.gather(first, job, requests)
        place = held.batches.index(["job"])
        assert 1 < place < 20

    run(scenario())


def test_stopped_it_ends_after_what_waits(held):
    async def scenario():
        own = batches_of(held)
        asked = asyncio.create_task(own.submit(["a"]))
        await begun(held)
        held.gate.release(9)
        await asyncio.to_thread(own.stop)
        assert await asked == ["A"]
        assert not own.is_alive

    run(scenario())
