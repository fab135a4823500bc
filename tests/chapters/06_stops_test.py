"""Whatever ends a training run before its time, nothing of it is lost: signals, kills, a reader that goes away, disks.

  06_stops_test.py PROGRAM   the program of chapter 06
"""
import os
import pathlib
import random
import re
import signal
import subprocess
import time

from runs import OPTIONS, STEPS, Runs, counter, end_of, events_in, ignore, main, without_seconds


class Kills(Runs):
    FILES = ["--csv", "t.csv", "--plot", "p.svg", "--logdir", "log", "--checkpoint", "c", "--save", "w"]

    def content(self, folder):
        files = {name: (folder / name).read_bytes() for name in ("t.csv", "p.svg", "c", "w")}
        return files | {"events": events_in(folder / "log")}

    def whole(self, epochs):
        folder = self.folder / "whole"
        folder.mkdir()
        self.train(epochs, *self.FILES, cwd=folder)
        return self.content(folder)

    def test_however_often_it_is_killed_its_files_are_those_of_an_uninterrupted_run(self):
        epochs = 40
        whole = self.whole(epochs)
        self.assertEqual(len(whole["t.csv"].splitlines()), 1 + epochs * STEPS)
        self.assertEqual(sum(tag == "loss/step" for tag, _, _ in whole["events"]), epochs * STEPS)
        choose = random.Random(5)
        kills = 0
        for every in [[], ["--every", "1"], ["--every", "5"], ["--every", "7"]]:
            folder = self.folder / f"killed{len(every)}{every[-1:]}"
            folder.mkdir()
            for attempt in range(1000):
                if (folder / "c").exists():
                    arguments = ["--data", self.data, "--resume", "c", "--quiet"]
                else:
                    arguments = ["--data", self.data, *OPTIONS, "--epochs", epochs, "--quiet"]
                process = self.start(*arguments, *self.FILES, *every, cwd=folder)
                try:  # the first ones soon, then ever later, so that it comes to an end
                    process.wait(choose.uniform(0.002, 0.05 + 0.005 * attempt))
                except subprocess.TimeoutExpired:
                    process.send_signal(choose.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM]))
                    kills += 1
                status, err = end_of(process)
                self.assertIn(status, (0, 137, 143), err)
                if status == 0:
                    break
            else:
                self.fail("it never came to an end")
            for name, content in self.content(folder).items():
                self.assertEqual(content, whole[name], f"{name} with {every}")
        self.assertGreater(kills, 10)

    def test_a_resumed_run_may_ask_for_files_that_the_first_one_did_not_have(self):
        whole = self.whole(4)
        self.train(2, "--checkpoint", "c")
        self.run_program("--data", self.data, "--resume", "c", "--epochs", 4, "--quiet", *self.FILES)
        resumed = self.content(self.folder)
        histograms = [event for event in whole["events"] if event[0].startswith(("weights", "gradients"))]
        late = [event for event in histograms if event[1] > 2 * STEPS]
        self.assertEqual(len(late) * 2, len(histograms))
        # All but the histograms of weights and gradients that nobody has any more.
        self.assertEqual([event for event in resumed["events"] if event not in late],
                         [event for event in whole["events"] if event not in histograms])
        for name in "t.csv", "p.svg", "w":
            self.assertEqual(resumed[name], whole[name], name)

    def test_a_run_that_begins_again_in_the_same_folder_takes_the_place_of_the_first(self):
        whole = self.whole(3)
        for _ in range(2):
            self.train(3, *self.FILES)
        self.assertEqual(len(list((self.folder / "log").iterdir())), 2)
        self.assertEqual(events_in(self.folder / "log"), whole["events"])

    def test_table_and_drawing_are_not_written_again_with_every_epoch(self):
        process = self.start_training(400, "--quiet", "--csv", "t.csv", "--plot", "p.svg", stdout=subprocess.DEVNULL)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # until its end, and it can still be asked
        text = pathlib.Path(f"/proc/{process.pid}/io").read_text()
        written = int(re.search(r"wchar: (\d+)", text)[1])
        process.communicate()
        size = sum((self.folder / name).stat().st_size for name in ("t.csv", "p.svg"))
        self.assertGreater(written, size / 2)
        self.assertLess(written, 15 * size)


class Signals(Runs):
    def test_each_signal_keeps_the_checkpoint_and_says_how_to_go_on(self):
        for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
            process = self.start_training(100000, "--quiet", "--checkpoint", "c", "--every", "1")
            self.wait_for(process, "c")
            process.send_signal(number)
            status, err = end_of(process)
            self.assertEqual(status, 128 + number)
            self.assertRegex(err, r"^stopped in epoch \d+ after \d steps of it; to go on:\n  .* --resume c\n$")
            epochs = counter(self.path("c"), "adam_steps") // STEPS + 2
            whole, _ = self.train(epochs, "--save", "whole")
            end, _ = self.run_program("--data", self.data, "--resume", "c", "--epochs", epochs, "--save", "w")
            self.assertIn(len(end.splitlines()), (1, 2))
            self.assertEqual(without_seconds(whole)[-len(end.splitlines()):], without_seconds(end))
            self.assertEqual((self.folder / "w").read_bytes(), (self.folder / "whole").read_bytes())
            os.remove(self.path("c"))

    def test_a_signal_that_was_ignored_stays_ignored(self):
        for number in signal.SIGHUP, signal.SIGINT:
            process = self.start_training(100000, "--quiet", "--checkpoint", "c", "--every", "1",
                                          preexec_fn=ignore(number))
            self.wait_for(process, "c")
            process.send_signal(number)
            process.send_signal(number)
            time.sleep(0.05)
            self.assertIsNone(process.poll())
            process.terminate()
            self.assertEqual(end_of(process)[0], 143)
            os.remove(self.path("c"))

    def test_a_resumed_run_goes_on_keeping_its_checkpoint(self):
        self.train(1, "--checkpoint", "c")
        for every in [], ["--every", "2"]:
            before = counter(self.path("c"), "adam_steps")
            process = self.start("--data", self.data, "--resume", "c", "--epochs", 100000, "--quiet", *every)
            while counter(self.path("c"), "adam_steps") == before:
                self.assertIsNone(process.poll())
            process.send_signal(signal.SIGINT)
            status, err = end_of(process)
            self.assertEqual(status, 130)
            self.assertRegex(err, r"^stopped .*; to go on:\n  .* --resume c\n$")

    def test_a_checkpoint_that_comes_through_a_pipe_is_resumed_too(self):
        self.train(2, "--checkpoint", "c")
        self.train(3, "--save", "whole")
        command = f'cat c | "$0" --data "$1" --resume /dev/stdin --epochs 3 --save w'
        result = subprocess.run(["sh", "-c", command, self.PROGRAM, self.data], cwd=self.folder, capture_output=True,
                                text=True, timeout=60)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("/dev/stdin: cannot be replaced, so this run keeps nothing: --checkpoint FILE would\n",
                      result.stderr)
        self.assertEqual((self.folder / "w").read_bytes(), (self.folder / "whole").read_bytes())


class Output(Runs):
    def test_a_reader_that_goes_away_leaves_the_checkpoint(self):
        self.train(6, "--save", "whole")
        process = self.start_training(6, "--quiet", "--checkpoint", "c", bufsize=1)
        process.stdout.readline()
        process.stdout.close()
        process.stdout = None
        status, err = end_of(process)
        if counter(self.path("c"), "counter.epoch") < 6:  # it noticed in time
            self.assertEqual(status, 2)
            self.assertRegex(err, r"^06_mnist: cannot write to standard output: Broken pipe; stopped in epoch \d after 0 "
                                  r"steps of it; to go on: .* --resume c\n$")
        self.run_program("--data", self.data, "--resume", "c", "--save", "w")
        self.assertEqual((self.folder / "w").read_bytes(), (self.folder / "whole").read_bytes())

    def test_a_full_disk_is_noticed_at_the_first_line(self):
        with open("/dev/full", "w") as full:
            process = self.start_training(100000, "--quiet", "--checkpoint", "c", stdout=full)
            status, err = end_of(process)
        self.assertEqual(status, 2)
        self.assertRegex(err, r"^06_mnist: cannot write to standard output: No space left on device; stopped in epoch 1 "
                              r"after 0 steps of it; to go on: .* --resume c\n$")
        self.assertEqual(counter(self.path("c"), "counter.epoch"), 1)

    def test_weights_that_were_to_be_saved_are_kept_when_nobody_reads_any_more(self):
        with open("/dev/full", "w") as full:
            process = self.start_training(6, "--quiet", "--save", "w", stdout=full)
            status, err = end_of(process)
        self.assertEqual(status, 2)
        kept = re.fullmatch(r"06_mnist: cannot write to standard output: No space left on device; stopped in epoch 1 after "
                            r"0 steps of it; to go on: .* --resume (w-\w+)\n", err)[1]
        self.train(6, "--save", "whole")
        self.run_program("--data", self.data, "--resume", kept, "--save", "w")
        self.assertEqual((self.folder / "w").read_bytes(), (self.folder / "whole").read_bytes())

    def test_the_last_line_is_not_worth_more_than_the_weights(self):
        with open("/dev/full", "w") as full:
            process = self.start_training(1, "--quiet", "--save", "w", stdout=full)
            status, err = end_of(process)
        self.assertEqual((status, err), (2, "06_mnist: cannot write to standard output: No space left on device\n"))
        self.assertTrue((self.folder / "w").exists())


if __name__ == "__main__":
    main()
