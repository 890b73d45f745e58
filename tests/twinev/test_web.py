"""The web server's end: whatever a thread is in the middle of telling browsers, the process ends, and it was told."""

import os
import subprocess
import sys

from tests.servers import ROOT, free_port

PROGRAM = """
import asyncio, os, signal, sys
from concurrent.futures import ThreadPoolExecutor
import django
django.setup()
from asgiref.sync import async_to_sync, sync_to_async
from twinev import web
from twisted.internet import reactor

async def tell():
    os.kill(os.getpid(), signal.SIGINT)
    await asyncio.sleep(1)
    print("told", flush=True)

def note():
    async_to_sync(tell)()

pool = ThreadPoolExecutor(1)
tasks = []
def start():
    task = sync_to_async(note, thread_sensitive=False, executor=pool)()
    reactor.callWhenRunning(lambda: tasks.append(asyncio.ensure_future(task)))

web.run(port=int(sys.argv[1]), host="127.0.0.1", on_ready=start)
print("ended", flush=True)
"""


def test_it_ends_even_while_a_thread_waits_for_its_loop() -> None:
    environment = os.environ | {"DATABASE_URL": "sqlite:///:memory:", "REDIS_URL": ""}
    command = [sys.executable, "-c", PROGRAM, str(free_port())]
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert answer.returncode == 0, answer.stderr
    assert sorted(answer.stdout.split()) == ["ended", "told"]
