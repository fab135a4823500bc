"""Training on three hosts, each with an address and a host name of its own; one is cut off, and two go on. Where there
can be no such hosts, the exit status 77 tells Meson that nothing was tested.

  06_hosts_test.py PROGRAM   the program of chapter 06
"""
import subprocess
import sys
import time

import hosts
from runs import OPTIONS, STEPS, Runs, counter, end_of, main



class ThreeHosts(Runs):
    def setUp(self):
        super().setUp()
        self.hosts = hosts.Hosts(3, self.folder)
        self.addCleanup(self.hosts.remove)

    def start_on(self, count, *arguments):
        process = subprocess.Popen(
            self.hosts.mpirun(count, [self.PROGRAM, "--threads", 1, "--quiet", *arguments]), cwd=self.folder,
            env=hosts.ALLOWED,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, process)
        return process

    def run_on(self, count, *arguments):
        process = self.start_on(count, *arguments)
        status, err = end_of(process)
        self.assertEqual((status, hosts.without_mpiruns_own(err)), (0, ""))

    def bytes_of(self, name):
        return (self.folder / name).read_bytes()

    def test_only_the_first_host_has_the_data_and_gets_the_weights(self):
        self.train(3, "--save", "whole")
        self.run_on(3, "--data", self.data, *OPTIONS, "--epochs", 3, "--save", "w")
        self.assertEqual(self.bytes_of("w"), self.bytes_of("whole"))

    def test_a_host_that_is_cut_off_ends_the_run_and_two_others_go_on(self):
        process = self.start_on(3, "--data", self.data, *OPTIONS, "--epochs", 100000, "--checkpoint", "c", "--every", 1)
        self.wait_for(process, "c")
        time.sleep(0.5)
        self.hosts.cut_off(2)
        begin = time.monotonic()
        status, err = end_of(process)
        err = hosts.without_mpiruns_own(err)
        self.assertNotEqual(status, 0)
        self.assertRegex(err, r"^stopped in epoch \d+ after \d steps of it; to go on:\n  .* --resume c\n$")
        print(f"over {time.monotonic() - begin:.1f} s after a host was cut off", file=sys.stderr)
        self.assertLess(time.monotonic() - begin, 30)
        while self.hosts.processes() and time.monotonic() - begin < 40:
            time.sleep(0.1)
        self.assertEqual(self.hosts.processes(), [])
        epochs = counter(self.path("c"), "adam_steps") // STEPS + 2
        self.train(epochs, "--save", "whole")
        self.run_on(2, "--data", self.data, "--resume", "c", "--epochs", epochs, "--save", "w")
        self.assertEqual(self.bytes_of("w"), self.bytes_of("whole"))


if __name__ == "__main__":
    reason = hosts.why_not()
    if "libmpi" not in subprocess.run(["ldd", sys.argv[1]], capture_output=True, text=True).stdout:
        reason = "built without MPI (./course mpi installs it)"
    if reason:
        print(f"{reason}: nothing was tested")
        sys.exit(77)
    main()
