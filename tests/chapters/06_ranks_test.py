"""Training on several processes, as mpirun starts them on many machines: always the bits of one process. Without MPI, the
exit status 77 tells Meson that nothing was tested.

  06_ranks_test.py PROGRAM [CLASS…]   the program of chapter 06; WithoutMpi is for one that was built without MPI
"""
import hashlib
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest

import hosts
from runs import OPTIONS, STEPS, Runs, counter, end_of, main, without_seconds, write_images

AS_COURSE_MPI = [sys.executable, str(pathlib.Path(__file__).resolve().parents[1] / "tools/mpirun.py")]
MPIRUN = ["mpirun", "-q", "--oversubscribe", "--mca", "btl_vader_single_copy_mechanism", "none"]


def processes_of(folder):
    """The processes that work in this folder, of which none may be left."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            state = (path / "stat").read_text().rsplit(")", 1)[1].split()[0]
            if state != "Z" and os.readlink(path / "cwd") == str(folder):
                found.append(int(path.name))
        except OSError:
            pass
    return found


class Ranks(Runs):
    """Runs of several processes; `start` becomes mpirun's when `ranks` is set."""
    ranks = 0

    def setUp(self):
        super().setUp()
        self.folder = self.folder.resolve()

    def start_ranks(self, ranks, *arguments, mpirun=MPIRUN, **more):
        settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": self.folder,
                    "env": hosts.ALLOWED, **more}
        words = arguments if arguments and isinstance(arguments[0], list) else [["-n", ranks, self.PROGRAM, *arguments]]
        command = [str(word) for part in words for word in part]
        process = subprocess.Popen([*mpirun, *command], **settings)
        self.addCleanup(self.end, process)
        return process

    def run_ranks(self, ranks, *arguments, status=0, **more):
        process = self.start_ranks(ranks, *arguments, **more)
        out, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, status, f"{ranks} ranks, {arguments}: {err}")
        return out, hosts.without_mpiruns_own(err)

    def end_of(self, process):
        status, err = end_of(process)
        return status, hosts.without_mpiruns_own(err)

    def wait_for_nobody(self, seconds=10):
        end = time.monotonic() + seconds
        while time.monotonic() < end and processes_of(self.folder):
            time.sleep(0.05)
        self.assertEqual(processes_of(self.folder), [])

    def sha(self, name):
        return hashlib.sha256((self.folder / name).read_bytes()).hexdigest()


class Bits(Ranks):
    # A batch of 230 images is cut into shards that three ranks cannot share equally.
    def train_on(self, ranks, threads, *more):
        data = self.folder / "many"
        if not data.exists():
            write_images(data, train=1000, test=300)
        options = ["--data", data, "--validation-size", "80", "--batch", "230", "--hidden", "5", "--keep-prob", "0.8",
                   "--dropout-in-evaluation", "--threads", threads, "--epochs", "3", "--quiet", *more]
        return self.run_ranks(ranks, *options) if ranks else self.run_program(*options)

    def test_any_number_of_ranks_and_threads_ends_with_the_bits_of_one_process(self):
        files = ["--save", "w", "--checkpoint", "c", "--csv", "t.csv"]
        out, _ = self.train_on(0, 1, *files)
        want = {name: self.sha(name) for name in ("w", "c", "t.csv")}
        for ranks in 1, 2, 3, 4:
            for threads in 1, 2:
                for name in want:
                    os.remove(self.path(name))
                got, err = self.train_on(ranks, threads, *files)
                self.assertEqual((without_seconds(got), err), (without_seconds(out), ""), f"{ranks} × {threads}")
                self.assertEqual({name: self.sha(name) for name in want}, want, f"{ranks} × {threads}")

    def test_weights_to_begin_with_and_gated_cells_are_the_same_for_all(self):
        self.train_on(0, 1, "--save", "first", "--cell", "gru", "--clip", "1")
        self.train_on(0, 1, "--init", "first", "--save", "w")
        self.train_on(3, 1, "--init", "first", "--save", "w3")
        self.assertEqual(self.sha("w"), self.sha("w3"))

    def test_a_run_goes_on_with_another_number_of_ranks(self):
        self.train(6, "--save", "whole")
        self.train(1, "--checkpoint", "c")
        for ranks, epochs in (3, 2), (1, 3), (2, 4), (4, 6):
            self.run_ranks(ranks, "--data", self.data, "--resume", "c", "--epochs", epochs, "--save", "w", "--quiet")
        self.assertEqual(self.sha("w"), self.sha("whole"))

    def test_all_but_rank_0_are_silent(self):
        out, err = self.run_ranks(3, "--data", self.data, *OPTIONS, "--epochs", "2")
        self.assertEqual(len(out.splitlines()), 2, out)
        self.assertEqual(err.count("50 training images, 20 test images"), 1, err)

    def test_commands_that_share_no_work_run_too(self):
        self.train(1, "--save", "w")
        alone, _ = self.run_program("evaluate", "--data", self.data, "--init", "w")
        ranks, _ = self.run_ranks(3, "evaluate", "--data", self.data, "--init", "w")
        self.assertEqual(alone, ranks)
        for words in ["--help"], ["evaluate", "--help"]:
            helps = self.run_program(*words)[0], self.run_ranks(3, *words)[0]
            alone, ranks = (re.sub(r"result\s\[default \d+\]", "", text) for text in helps)  # of --threads
            self.assertEqual(alone, ranks)

    def run_chapter(self, chapter, ranks, *words):
        program = [pathlib.Path(self.PROGRAM).parents[1] / chapter / chapter, *words]
        if ranks:
            return self.run_ranks(0, ["-n", ranks, *program])
        alone = subprocess.run(program, capture_output=True, text=True, timeout=60, cwd=self.folder)
        self.assertEqual(alone.returncode, 0, alone.stderr)
        return alone.stdout, alone.stderr

    def test_chapter_07_prints_the_same_on_several_ranks(self):
        words = ["--train", "lstm", "--steps", "9", "--updates", "7", "--every", "7", "--batch", "70", "--neurons", "5"]
        self.assertEqual(self.run_chapter("07_gated_cells", 3, *words), self.run_chapter("07_gated_cells", 0, *words))

    def test_chapter_08_ends_with_the_bits_of_one_process(self):
        # Tunes end in different segments, so shards that a rank began may go on elsewhere.
        words = ["--data", "composed", "--tunes", "60", "--keys", "all", "--batch", "23", "--segment", "16", "--hidden", "12",
                 "--embedding", "5", "--epochs", "3", "--threads", "1", "--quiet"]
        alone, _ = self.run_chapter("08_melody", 0, *words, "--save", "w", "--checkpoint", "c")
        want = {name: self.sha(name) for name in "wc"}
        for ranks in 1, 2, 3, 4:
            got, _ = self.run_chapter("08_melody", ranks, *words, "--save", "w", "--checkpoint", "c")
            self.assertEqual(without_seconds(got), without_seconds(alone), ranks)
            self.assertEqual({name: self.sha(name) for name in "wc"}, want, ranks)
        words[words.index("--epochs") + 1] = "1"
        self.run_chapter("08_melody", 2, *words, "--checkpoint", "c")
        self.run_chapter("08_melody", 3, "--resume", "c", "--epochs", 3, "--quiet", "--save", "w")
        self.assertEqual(self.sha("w"), want["w"])
        self.run_chapter("08_melody", 0, *words, "--init", "w", "--save", "on")
        self.run_chapter("08_melody", 2, *words, "--init", "w", "--save", "on2")
        self.assertEqual(self.sha("on"), self.sha("on2"))


class Mistakes(Ranks):
    def error(self, *arguments, status=2, **more):
        _, err = self.run_ranks(*arguments, status=status, **more)
        self.assertEqual(len(err.splitlines()), 1, err)
        self.wait_for_nobody()
        return err

    def test_what_rank_0_finds_wrong_ends_all_with_one_line(self):
        self.assertRegex(self.error(3, "--epochs", "x"), "^06_mnist: --epochs: expected a whole number")
        self.assertRegex(self.error(3, "--data", "nowhere"), "^06_mnist: nowhere/")
        self.assertRegex(self.error(3, "--data", self.data, "--quiet", "--shrink", "4"),
                         "^06_mnist: --shrink: expected a divisor")

    def test_a_loss_that_is_not_finite_is_told_once(self):
        err = self.error(3, "--data", self.data, "--validation-size", "10", "--batch", "10", "--pixels", "--activation", "relu",
                         "--learning-rate", "30", "--quiet", "--epochs", "20", status=1)
        self.assertRegex(err, "^06_mnist: the loss is .* try a smaller --learning-rate")

    def test_ranks_with_other_options_are_refused(self):
        one = ["-n", "1", self.PROGRAM, "--data", self.data, *OPTIONS, "--quiet", "--epochs", "1"]
        err = self.error(0, one, [":"], [*one, "--seed", "2"])
        self.assertRegex(err, r'^06_mnist: options of rank 1: expected ".*", as rank 0 has, found ".* --seed 2"')

    def test_ranks_with_another_kind_of_kernel_are_refused(self):
        arguments = ["--data", self.data, *OPTIONS, "--quiet", "--epochs", "1"]
        err = self.error(0, ["-n", "1", self.PROGRAM, *arguments], [":"],
                         ["-n", "1", "env", "RNN_KERNEL=baseline", self.PROGRAM, *arguments])
        self.assertEqual(err, "06_mnist: kind of kernel of rank 1: expected fused, as rank 0 has, found baseline\n")

    def test_another_rank_that_fails_is_named_and_ends_all(self):
        arguments = ["--data", self.data, *OPTIONS, "--quiet", "--epochs", "100000"]
        broken = ["-n", "1", "env", "RNN_KERNEL=none", self.PROGRAM, *arguments]
        err = self.error(0, ["-n", "2", self.PROGRAM, *arguments], [":"], broken)
        self.assertRegex(err, "^06_mnist: rank 2 on .*: RNN_KERNEL: expected avx512")

    def test_a_full_disk_and_a_reader_that_went_away_end_all(self):
        arguments = ["--data", self.data, *OPTIONS, "--quiet", "--epochs", "100000"]
        err = self.error(3, *arguments, "--csv", "/dev/full")
        self.assertRegex(err, "^06_mnist: /dev/full: ")


class Stoppable(Ranks):
    def start_training_on(self, ranks, *more):
        return self.start_ranks(ranks, "--data", self.data, *OPTIONS, "--threads", "1", "--quiet", *more)

    def children(self):
        """The processes of the program, by rank."""
        found = {}
        for process in processes_of(self.folder):
            try:
                words = pathlib.Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
            except OSError:
                continue
            for word in words:
                if word.startswith(b"OMPI_COMM_WORLD_RANK="):
                    found[int(word.split(b"=")[1])] = process
        return found

    def kill_and_go_on(self, kills):
        """Kills one of the processes at some moment, that many times; the run goes on with another number of them."""
        epochs = 60
        self.train(epochs, "--save", "whole")
        choose = random.Random(7)
        done = 0
        slowest = 0.0
        for attempt in range(400):
            ranks = choose.choice([2, 3, 4])
            go_on = ["--resume", "c"] if (self.folder / "c").exists() else OPTIONS
            more = ["--epochs", epochs, "--every", choose.choice([1, 3]), "--checkpoint", "c", "--save", "w"]
            before = counter(self.path("c"), "adam_steps") if (self.folder / "c").exists() else 0
            process = self.start_ranks(ranks, "--data", self.data, "--quiet", "--threads", "1", *go_on, *more,
                                       mpirun=AS_COURSE_MPI)
            if done == kills:
                status, err = self.end_of(process)
                self.assertEqual(status, 0, err)
                break
            victim = None
            while victim is None and process.poll() is None:
                victim = self.children().get(choose.randrange(ranks))
            time.sleep(choose.uniform(0, 0.4))
            begin = time.monotonic()
            try:
                os.kill(victim, signal.SIGKILL)
            except (OSError, TypeError):
                pass
            status, err = self.end_of(process)
            if status == 0:  # it had come to its end
                os.remove(self.path("c"))
                continue
            done += 1
            slowest = max(slowest, time.monotonic() - begin)
            self.wait_for_nobody()
            # Rank 0 may say where it stopped, and with which command to go on.
            self.assertRegex(err, r"^(stopped in epoch .*\n  .*\n)?"
                             r"course: (a process of the run was ended by signal 9|mpirun itself was ended by signal \d+), "
                             r"and the others with it; .*\n$")
            if (self.folder / "c").exists():
                self.assertGreaterEqual(counter(self.path("c"), "adam_steps"), before)
        else:
            self.fail("it never came to an end")
        print(f"{done} kills, each over within {slowest:.1f} s", file=sys.stderr)
        self.assertLess(slowest, 10)
        self.assertEqual(self.sha("w"), self.sha("whole"))


class Stops(Stoppable):
    def test_a_signal_at_mpirun_leaves_a_checkpoint_and_no_process(self):
        for number in signal.SIGINT, signal.SIGTERM:
            process = self.start_training_on(3, "--epochs", "100000", "--checkpoint", "c", "--every", "1")
            self.wait_for(process, "c")
            process.send_signal(number)
            _, err = self.end_of(process)
            self.assertNotEqual(process.returncode, 0)
            # mpirun kills what has not ended after a second. Where the disk is slower, these last words are missing.
            words = r"stopped in epoch \d+ after \d steps of it; to go on:\n  mpirun -n 3 .* --resume c\n"
            self.assertRegex(err, f"^({words})?$")
            self.wait_for_nobody()
            epochs = counter(self.path("c"), "adam_steps") // STEPS + 2
            self.train(epochs, "--save", "whole")
            self.run_ranks(2, "--data", self.data, "--resume", "c", "--epochs", epochs, "--save", "w")
            self.assertEqual(self.sha("w"), self.sha("whole"))
            os.remove(self.path("c"))

    def test_a_signal_to_rank_0_alone_ends_all_at_the_same_step(self):
        process = self.start_training_on(3, "--epochs", "100000", "--checkpoint", "c", "--every", "1")
        self.wait_for(process, "c")
        os.kill(self.children()[0], signal.SIGTERM)
        status, err = self.end_of(process)
        self.assertEqual(status, 143)
        self.assertRegex(err, r"^stopped in epoch \d+ after \d steps of it; to go on:\n")
        self.wait_for_nobody()

    def test_when_mpirun_itself_is_killed_nobody_stays(self):
        process = self.start_training_on(3, "--epochs", "100000", "--checkpoint", "c", "--every", "1")
        self.wait_for(process, "c")
        process.kill()
        self.wait_for_nobody(20)

    def test_a_killed_rank_ends_all_and_the_run_goes_on_with_another_number(self):
        self.kill_and_go_on(3)

    def test_when_mpirun_itself_crashes_one_line_says_so(self):
        process = self.start_ranks(3, "--data", self.data, *OPTIONS, "--threads", "1", "--quiet", "--epochs", "100000",
                                   "--checkpoint", "c", "--every", "1", mpirun=AS_COURSE_MPI)
        self.wait_for(process, "c")
        rank = pathlib.Path(f"/proc/{self.children()[0]}/stat").read_text()
        os.kill(int(rank.rpartition(")")[2].split()[1]), signal.SIGSEGV)  # its parent
        status, err = self.end_of(process)
        self.assertEqual(status, 128 + signal.SIGSEGV)
        self.assertRegex(err, r"(?m)^course: mpirun itself was ended by signal 11, and the others with it; .*$")
        self.wait_for_nobody(20)


class Kills(Stoppable):
    def test_killed_thirty_times_at_any_moment_it_ends_with_the_bits_of_one_process(self):
        self.kill_and_go_on(30)


class WithoutMpi(Ranks):
    def test_several_processes_of_a_program_without_mpi_are_refused(self):
        environment = {**os.environ, "OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "0"}
        _, err = self.run_program("--data", self.data, status=2, env=environment)
        self.assertRegex(err, "^06_mnist: mpirun started 2 processes, but this program was built without MPI")


if __name__ == "__main__":
    if sys.argv[2:3] != ["WithoutMpi"]:
        if "libmpi" not in subprocess.run(["ldd", sys.argv[1]], capture_output=True, text=True).stdout:
            print("built without MPI (./course mpi installs it): nothing was tested")
            sys.exit(77)
        if not shutil.which("mpirun"):
            print("there is no mpirun (./course mpi installs it): nothing was tested")
            sys.exit(77)
    main()
