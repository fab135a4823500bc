"""Programs that end when we do."""

import contextlib
import os
import signal
import subprocess
import sys


ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def start(command, in_child=lambda: None, **options):
    """A running program, and the signals that were blocked before. Those that would end us are blocked until the caller
    sets that mask again, inside of the `try` that ends the program: one that came before would leave it behind."""
    def prepare():
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        in_child()

    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        return subprocess.Popen(command, preexec_fn=prepare, **options), mask
    except BaseException:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        raise


@contextlib.contextmanager
def stopped_with_us(command, **options):
    """The running program. It is waited for; after Ctrl-C, or when we are stopped, it is told to end as well."""
    process, mask = start(command, **options)
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        yield process
    except BaseException:
        process.terminate()
        raise
    finally:
        process.wait()
        if process.stdout:
            process.stdout.close()


def run(command, **options):
    """The exit status of a program."""
    with stopped_with_us(command, **options) as process:
        process.wait()
    return process.returncode


def output_of(command, **options):
    """The exit status of a program, and what it said on both streams."""
    with stopped_with_us(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                         errors="replace", **options) as process:
        said = process.stdout.read()
    return process.returncode, said


def become(program, *arguments):
    """This process is the program from here on: output, status and Ctrl-C are its own."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(program, [os.fspath(program), *map(os.fspath, arguments)])


def end_as_others_do():
    """A reader that goes away ends us in silence; Ctrl-C, SIGTERM and SIGHUP end us with what we have started."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # which Python ignores, and so would what we become
        signal.signal(number, signal.SIG_DFL)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda number, _: sys.exit(128 + number))
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
