"""What the kernel knows of a process: processor time of all its threads, memory."""

import contextlib
import os
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024


def cpu_s(pid: int) -> float:
    """Processor time so far, of all threads, in user and system mode (proc(5), /proc/PID/stat 14 and 15)."""
    return sum(_ticks(pid)[:2]) / _TICKS_PER_S


def family_cpu_s(pid: int) -> float:
    """The same of a process and all its children, those that live and those that it has buried."""
    living = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    ticks = sum(_ticks(pid))
    for child in living:
        with contextlib.suppress(OSError):
            ticks += sum(_ticks(int(child))[:2])
    return ticks / _TICKS_PER_S


def parent_of(pid: int) -> int:
    return int(_fields(pid)[1])


def _ticks(pid: int) -> list[int]:
    """User and system time of a process, then those of its buried children."""
    return [int(field) for field in _fields(pid)[11:15]]


def _fields(pid: int) -> list[str]:
    """From the third field of /proc/PID/stat on: a name may hold blanks."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def memory_kib(pid: int) -> int:
    """Resident memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_KIB
