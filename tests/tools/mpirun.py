"""Runs mpirun as ./course mpi does: mpirun.py ARGUMENTS of mpirun…"""

import os
import pathlib
import signal
import subprocess
import sys
import time

import processes
from speaking import say

# What mpirun has to say is said here, in a line, also when it crashes; processes may be more than cores, and then none
# keeps one for itself.
MPIRUN = ["mpirun", "-q", "--mca", "opal_signal", "", "--oversubscribe", "--bind-to", "none"]
# mpirun does not start as root unless it is asked to twice: in a container, everybody is root.
AS_ROOT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
PATIENCE = 5  # seconds


def read(path):
    try:
        return pathlib.Path(path).read_text()
    except OSError:  # the process has ended
        return ""


def has_running_children(process):
    states = (read(f"/proc/{child}/stat").rpartition(")")[2].split()
              for child in read(f"/proc/{process}/task/{process}/children").split())
    return any(state and state[0] != "Z" for state in states)


def wait(process):
    """mpirun's status. When a process is killed while it starts, mpirun 4.1 ends the others but may then wait forever for
    a lock of its own; so once nothing has run for some seconds, it is ended."""
    has_begun, last_seen = False, time.monotonic()
    while True:
        try:
            return process.wait(0.5)
        except subprocess.TimeoutExpired:
            pass
        if has_running_children(process.pid):
            has_begun, last_seen = True, time.monotonic()
        elif has_begun and time.monotonic() - last_seen > PATIENCE:
            process.kill()
            process.wait()
            return 128 + signal.SIGKILL


def run(arguments):
    """The exit status. Ctrl-C is sent to mpirun once, by us, and not by the terminal to all of its processes."""
    process, mask = processes.start([*MPIRUN, *map(str, arguments)], env={**os.environ, **AS_ROOT},
                                    stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        status = wait(process)
    except (KeyboardInterrupt, SystemExit) as end:
        process.send_signal(signal.SIGTERM)
        wait(process)
        return 130 if isinstance(end, KeyboardInterrupt) else end.code
    except BaseException:
        process.kill()
        raise
    # mpirun 4.1 has been seen to crash when a process had been killed; the others were gone by then.
    culprit = "mpirun itself" if status < 0 else "a process of the run"
    status = status if status >= 0 else 128 - status
    if status > 128 and status not in (130, 143):
        say(f"{culprit} was ended by signal {status - 128}, and the others with it; "
            "--resume goes on from the last checkpoint")
    return status


if __name__ == "__main__":
    processes.end_as_others_do()
    sys.exit(run(sys.argv[1:]))
