#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "../support/chapter.hpp"
#include "../support/mnist_folder.hpp"

import rnn.data.digits;
import rnn.formats.safetensors;

using namespace rnn::testing;

namespace {

const Chapter& chapter() {
  static const Chapter chapter("MNIST");
  return chapter;
}

/// A short run of 5 steps an epoch, with dropout, so that every kind of random number matters.
Arguments run_with(const std::string& epochs, const std::string& threads, const Arguments& more = {}) {
  Arguments arguments{
      "--data",      mnist_folder(), "--validation-size",       "0",        "--batch", "100",       "--hidden", "16",
      "--keep-prob", "0.8",          "--dropout-in-evaluation", "--epochs", epochs,    "--threads", threads};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}
Arguments resume(const std::string& file, const Arguments& more) {
  Arguments arguments{"--data", mnist_folder(), "--resume", file};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

/// The printed lines without the seconds, the only part that may differ.
std::string without_seconds(std::string lines) {
  const std::string label = " seconds: ";
  for (std::size_t at; (at = lines.find(label)) != std::string::npos;) {
    lines.erase(at, lines.find_first_not_of("0123456789.", at + label.size()) - at);
  }
  return lines;
}
std::string line(const std::string& lines, std::size_t number) {
  std::istringstream stream(lines);
  std::string result;
  for (std::size_t i = 0; i <= number; ++i) std::getline(stream, result);
  return result + "\n";
}

/// Runs in the background until `when`, and returns the status it ends with after the signal.
int run_and_signal(const Arguments& arguments, int signal, const std::function<bool()>& when,
                   const std::string& err = "/dev/null") {
  std::string program = from_environment("MNIST");
  const pid_t child = ::fork();
  if (child == 0) {
    Arguments all = arguments;
    all.insert(all.begin(), program);
    const int null = ::open("/dev/null", O_RDWR);
    for (const int stream : {0, 1}) ::dup2(null, stream);
    ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), 2);
    ::execv(program.c_str(), pointers(all).data());
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    if (when()) {
      ::kill(child, signal);
      ::waitpid(child, &status, 0);
      break;
    }
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::function<bool()> after(std::chrono::microseconds delay) {
  return [end = std::chrono::steady_clock::now() + delay] { return std::chrono::steady_clock::now() >= end; };
}
std::function<bool()> when_there(const std::string& path) {
  return [path] { return std::filesystem::exists(path); };
}

/// What an uninterrupted run of so many epochs prints and saves.
struct Whole {
  std::string out, weights, checkpoint;
};
Whole uninterrupted(const std::string& epochs) {
  const Folder folder;
  const Result result = chapter().run(run_with(epochs, "1", {"--save", folder / "w", "--checkpoint", folder / "c"}));
  BOOST_TEST_REQUIRE(result.status == 0, result.err);
  return {without_seconds(result.out), folder.read("w"), folder.read("c")};
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_bits_for_any_number_of_threads_and_any_kernel) {
  const Whole whole = uninterrupted("2");
  BOOST_TEST(std::ranges::count(whole.out, '\n') == 2);
  const Folder folder;
  for (const std::string threads : {"1", "2", "3", "8"}) {
    const Result result = chapter().run(run_with("2", threads, {"--save", folder / "w"}));
    BOOST_TEST(without_seconds(result.out) == whole.out, threads << " threads");
    BOOST_TEST((folder.read("w") == whole.weights), threads << " threads");
  }
  for (const char* kernel : {"avx2", "avx512"}) {
    const Result result = chapter().run(run_with("2", "1", {"--save", folder / "w"}), with_kernel(kernel));
    if (result.status != 0) continue;
    BOOST_TEST((folder.read("w") == whole.weights), kernel);
  }
  chapter().run(run_with("2", "1", {"--save", folder / "w", "--seed", "2"}));
  BOOST_TEST((folder.read("w") != whole.weights));
}

BOOST_AUTO_TEST_CASE(a_resumed_run_ends_with_the_bits_of_an_uninterrupted_one) {
  const Whole whole = uninterrupted("3");
  const Folder folder;
  for (const std::string done : {"1", "2", "3"}) {
    chapter().run(run_with(done, "1", {"--checkpoint", folder / "c"}));
    const Result result = chapter().run(resume(
        folder / "c", {"--epochs", "3", "--checkpoint", folder / "c", "--save", folder / "w", "--threads", "3"}));
    BOOST_TEST_REQUIRE(result.status == 0, result.err);
    BOOST_TEST(whole.out.ends_with(without_seconds(result.out)), result.out);
    BOOST_TEST(std::ranges::count(result.out, '\n') == 3 - std::stol(done), result.out);
    BOOST_TEST((folder.read("w") == whole.weights), done << " epochs before");
    BOOST_TEST((folder.read("c") == whole.checkpoint), done << " epochs before");
  }
}

BOOST_AUTO_TEST_CASE(ctrl_c_and_sigterm_end_with_a_checkpoint_in_the_middle_of_an_epoch_and_say_how_to_go_on) {
  const Whole whole = uninterrupted("6");
  for (const int signal : {SIGINT, SIGTERM}) {
    const Folder folder;
    // --every step, so that there is a file to wait for; 1000 epochs would take a minute.
    const Arguments endless = run_with("1000", "2", {"--checkpoint", folder / "c", "--every", "1", "--quiet"});
    BOOST_TEST(run_and_signal(endless, signal, when_there(folder / "c"), folder / "err") == 128 + signal);
    const std::string err = folder.read("err");
    BOOST_TEST(err.starts_with("stopped in epoch "), err);
    BOOST_TEST(err.ends_with(" --quiet --resume " + (folder / "c") + "\n"), err);
    const Result result = chapter().run(resume(folder / "c", {"--epochs", "6", "--save", folder / "w"}));
    BOOST_TEST_REQUIRE(result.status == 0, result.err);
    BOOST_TEST((folder.read("w") == whole.weights));
    BOOST_TEST(whole.out.ends_with(without_seconds(result.out)), result.out);
  }
}

BOOST_AUTO_TEST_CASE(what_it_says_to_go_on_names_the_data_wherever_they_were_found) {
  const Folder folder;
  ::setenv("MNIST_DIR", mnist_folder().c_str(), 1);
  const Arguments endless{"train",   "--validation-size", "0",          "--batch", "100", "--hidden", "16", "--epochs",
                          "1000000", "--checkpoint",      folder / "c", "--every", "1",   "--quiet"};
  BOOST_TEST(run_and_signal(endless, SIGTERM, when_there(folder / "c"), folder / "err") == 143);
  ::unsetenv("MNIST_DIR");
  const std::string err = folder.read("err");
  BOOST_TEST(err.ends_with(" --resume " + (folder / "c") + " --data " + mnist_folder() + "\n"), err);
  BOOST_TEST(!Chapter::contains(err, " train "), err);
}

BOOST_AUTO_TEST_CASE(a_run_on_the_built_in_digits_goes_on_with_them_whatever_else_there_is) {
  const Folder folder;
  const Arguments first{"--data",   "digits", "--validation-size", "59800",        "--batch",   "100", "--hidden", "8",
                        "--epochs", "1",      "--quiet",           "--checkpoint", folder / "c"};
  BOOST_TEST(chapter().run(first).status == 0);
  Settings elsewhere;
  elsewhere.environment["MNIST_DIR"] = mnist_folder();
  const Result result = chapter().run({"--resume", folder / "c", "--epochs", "2", "--quiet"}, elsewhere);
  BOOST_TEST(result.status == 0, result.err);
  BOOST_TEST(result.out.starts_with("1 train_accuracy: "), result.out);
}

BOOST_AUTO_TEST_CASE(every_n_steps_a_checkpoint_is_written_and_at_no_other) {
  const Folder folder;
  for (const std::string name : {"a", "b", "c"}) {
    const Arguments endless = run_with("1000", "1", {"--checkpoint", folder / name, "--every", "7", "--quiet"});
    BOOST_TEST(run_and_signal(endless, SIGKILL, when_there(folder / name)) == 137);
    const auto steps = rnn::counters(rnn::read_safetensors(folder / name), name, "adam_steps");
    BOOST_TEST(steps.at(0) > 0u);
    BOOST_TEST(steps.at(0) % 7 == 0u);
  }
}

BOOST_AUTO_TEST_CASE(killed_at_random_moments_and_resumed_it_ends_with_the_same_bits) {
  const Folder folder;
  const std::string epochs = "8";
  const Whole whole = uninterrupted(epochs);
  const auto begin = std::chrono::steady_clock::now();
  const auto elapsed = [&] { return std::chrono::steady_clock::now() - begin; };
  std::mt19937 engine(7);
  std::uniform_int_distribution<int> microseconds(2000, 60000);
  int kills = 0, rounds = 0;
  while (rounds < 40 && (kills < 40 || rounds == 0) && elapsed() < std::chrono::seconds(25)) {
    ++rounds;
    std::filesystem::remove(folder / "c");
    for (int status = -1; status != 0;) {
      const std::string threads = std::to_string(1 + kills % 3);
      const Arguments files{"--checkpoint", folder / "c", "--every", "1", "--save", folder / "w"};
      Arguments arguments = run_with(epochs, threads, files);
      if (std::filesystem::exists(folder / "c")) {
        arguments = resume(folder / "c", {"--epochs", epochs, "--threads", threads});
        arguments.insert(arguments.end(), files.begin(), files.end());
      }
      const bool gently = elapsed() > std::chrono::seconds(25);  // to the end, however slow the machine is
      status = run_and_signal(arguments, SIGKILL,
                              after(std::chrono::microseconds(gently ? 60000000 : microseconds(engine))));
      BOOST_TEST_REQUIRE((status == 0 || status == 137), "ends with " << status);
      kills += status != 0;
    }
    BOOST_TEST((folder.read("w") == whole.weights), "after " << kills << " kills");
    BOOST_TEST((folder.read("c") == whole.checkpoint), "after " << kills << " kills");
  }
  BOOST_TEST_MESSAGE(kills << " kills survived in " << rounds << " runs");
  BOOST_TEST(kills > 0);
}

BOOST_AUTO_TEST_CASE(an_option_that_contradicts_the_checkpoint_is_refused) {
  const Folder folder;
  const std::string file = folder / "c";
  chapter().run(run_with("1", "1", {"--checkpoint", file}));
  const auto refuses = [&](const Arguments& more, const std::string& what) {
    Arguments arguments = resume(file, more);
    chapter().refuses(arguments, what);
  };
  refuses({"--hidden", "17"}, "--hidden: expected 16, as " + file + " has it, got 17");
  refuses({"--seed", "2"}, "--seed: expected 1, as " + file + " has it, got 2");
  refuses({"--learning-rate", "0.1"}, "--learning-rate: expected 0.001, as " + file + " has it, got 0.1");
  refuses({"--no-shuffle"}, "--no-shuffle: cannot be given: " + file + " was made without it");
  refuses({"--init", file}, "--init: cannot be given together with --resume");
  chapter().refuses({"--data", "digits", "--resume", file},
                    "--data: expected MNIST's folder, as " + file + " has it, got digits");
  const Result same = chapter().run(resume(file, {"--hidden", "16", "--seed", "1", "--epochs", "1"}));
  BOOST_TEST(same.status == 0, same.err);
}

BOOST_AUTO_TEST_CASE(a_checkpoint_of_other_images_is_refused) {
  const Folder folder;
  chapter().run(run_with("1", "1", {"--checkpoint", folder / "c"}));
  std::filesystem::copy(mnist_folder(), folder / "other");
  std::string labels = folder.read("other/train-labels-idx1-ubyte");
  labels.back() = static_cast<char>((labels.back() + 1) % 10);
  folder.file("other/train-labels-idx1-ubyte", labels);
  chapter().refuses({"--data", folder / "other", "--resume", folder / "c", "--quiet"},
                    (folder / "c") + ": expected a checkpoint of these training images, found one of others");
}

BOOST_AUTO_TEST_CASE(a_checkpoint_whose_position_these_images_do_not_have_is_refused) {
  const Folder folder;
  chapter().run(run_with("1", "1", {"--checkpoint", folder / "c"}));
  const rnn::TensorFile whole = rnn::read_safetensors(folder / "c");
  const auto refuses = [&](std::uint64_t epoch, std::uint64_t step, std::uint64_t adam, const std::string& what) {
    rnn::TensorFile file = whole;
    const auto put = [&](const char* name, std::uint64_t number) {
      *std::ranges::find(file.tensors, name, &rnn::Tensor::name) = rnn::to_tensor(name, std::span(&number, 1));
    };
    put("counter.epoch", epoch);
    put("counter.step", step);
    put("adam_steps", adam);
    rnn::write_safetensors(folder / "c", file);
    chapter().refuses({"--data", mnist_folder(), "--resume", folder / "c", "--epochs", "9", "--quiet"},
                      (folder / "c") + ": expected " + what);
  };
  // After the one epoch of 5 steps, none of these is where a run can be.
  refuses(1, 6, 11, "an epoch under 2^32, at most 5 steps of it and a finite sum of losses, found 1, 6 and 0");
  refuses(1ull << 32, 0, 5,
          "an epoch under 2^32, at most 5 steps of it and a finite sum of losses, found 4294967296, 0 and 0");
  refuses(1, 0, 4, "as many of Adam's steps as there were in all, 5, found 4");
  refuses(2, 0, 5, "as many of Adam's steps as there were in all, 10, found 5");
  refuses(0, 3, 3, "a loss for each step and results for each epoch at most, found more");
}

BOOST_AUTO_TEST_CASE(weights_of_one_run_begin_another) {
  const Folder folder;
  chapter().run(run_with("1", "1", {"--save", folder / "w", "--checkpoint", folder / "c"}));
  const Result weights = chapter().run(run_with("1", "1", {"--init", folder / "w"}));
  const Result checkpoint = chapter().run(run_with("1", "1", {"--init", folder / "c"}));
  BOOST_TEST(weights.status == 0, weights.err);
  BOOST_TEST(without_seconds(weights.out) == without_seconds(checkpoint.out));
  BOOST_TEST(without_seconds(weights.out) != line(uninterrupted("1").out, 0));
  chapter().refuses({"--data", mnist_folder(), "--init", folder / "w", "--hidden", "20"},
                    "--hidden: expected 16, as " + (folder / "w") + " has it, got 20");
  chapter().refuses(
      {"--data", mnist_folder(), "--resume", folder / "w"},
      (folder / "w") + ": expected a checkpoint, found no tensor \"adam_steps\": these are weights alone");
}

BOOST_AUTO_TEST_CASE(a_loss_that_is_not_finite_stops_the_run_and_keeps_the_last_good_checkpoint) {
  const Folder folder;
  const Arguments wild = run_with(
      "50", "1",
      {"--activation", "relu", "--learning-rate", "1000", "--checkpoint", folder / "c", "--every", "1", "--quiet"});
  const Result result = chapter().run(wild);
  BOOST_TEST(result.status == 1);
  BOOST_TEST(std::ranges::count(result.err, '\n') == 1, result.err);
  BOOST_TEST(Chapter::contains(result.err, "in epoch 0 at step "), result.err);
  BOOST_TEST(Chapter::contains(result.err, "gradient norm"), result.err);
  BOOST_TEST(Chapter::contains(result.err, "try a smaller --learning-rate"), result.err);
  // What was kept is whole, and good enough to get to the same end.
  const Result again = chapter().run(resume(folder / "c", {"--epochs", "50", "--quiet"}));
  BOOST_TEST(again.err == result.err);
}

BOOST_AUTO_TEST_CASE(a_disk_that_is_full_leaves_the_last_good_checkpoint) {
  const Folder folder;
  chapter().run(run_with("1", "1", {"--checkpoint", folder / "c"}));
  const std::string before = folder.read("c");
  const rlimit small{5000, RLIM_INFINITY};
  rlimit old;
  ::getrlimit(RLIMIT_FSIZE, &old);
  ::setrlimit(RLIMIT_FSIZE, &small);
  Settings settings;
  settings.environment["LLVM_PROFILE_FILE"] = "/dev/null";  // where lines are counted, their file would not fit either
  const Result result =
      chapter().run(resume(folder / "c", {"--epochs", "2", "--checkpoint", folder / "c", "--quiet"}), settings);
  ::setrlimit(RLIMIT_FSIZE, &old);
  BOOST_TEST(result.status == 2);
  BOOST_TEST(result.err == "06_mnist: " + (folder / "c") + ": cannot be written: File too large\n");
  BOOST_TEST((folder.read("c") == before));
  BOOST_TEST(!std::filesystem::exists(folder / "c.partial"));
}

BOOST_AUTO_TEST_CASE(a_folder_that_vanishes_is_one_line) {
  const Folder folder;
  std::filesystem::create_directory(folder / "gone");
  const Arguments endless = run_with("1000", "1", {"--checkpoint", folder / "gone/c", "--every", "1"});
  const int status = run_and_signal(endless, SIGKILL, [&, end = after(std::chrono::seconds(20))] {
    if (std::filesystem::exists(folder / "gone/c")) {
      std::error_code none;
      std::filesystem::rename(folder / "gone", folder / "away", none);
    }
    return end();
  });
  BOOST_TEST(status == 2);
  BOOST_TEST(chapter().run(resume(folder / "away/c", {"--epochs", "1"})).status == 0);
  if (::geteuid() != 0) {
    std::filesystem::permissions(folder / "away",
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
    const Result result = chapter().run(run_with("1", "1", {"--checkpoint", folder / "away/new"}));
    std::filesystem::permissions(folder / "away", std::filesystem::perms::owner_all);
    BOOST_TEST(result.status == 2);
  }
}

BOOST_AUTO_TEST_CASE(bad_options_and_bad_files_are_one_line) {
  const Folder folder;
  chapter().refuses({"--every", "5"}, "--every: needs --checkpoint or --resume");
  chapter().refuses({"--epochs", "-3"}, "--epochs: expected a whole number from 1 to 1000000, got \"-3\"");
  chapter().refuses({"--data", mnist_folder(), "--validation-size", "0", "--batch", "501", "--quiet"},
                    "--batch: expected at most the 500 training images, got 501");
  chapter().refuses({"--checkpoint", "none/c"}, "--checkpoint: none/c: No such file or directory");
  chapter().refuses({"--init", "none"}, "--init: none: No such file or directory");
  const std::string text = folder.file("text", "no weights at all");
  for (const char* option : {"--init", "--resume"}) {
    const Result result = chapter().run({"--data", mnist_folder(), option, text});
    BOOST_TEST(result.status == 2);
    BOOST_TEST(result.err.starts_with("06_mnist: " + text + ": expected a header"), result.err);
  }
}

BOOST_AUTO_TEST_CASE(recorded_training_comes_out_within_tolerance) {
  for (const char* name : {"pytorch/training_0.json", "pytorch/training_1.json"}) {
    const std::string table = chapter().output({"--replay", recorded(name)});
    BOOST_TEST(Chapter::contains(table, "losses           agrees"), table);
    BOOST_TEST(!Chapter::contains(table, "DIFFERS"), table);
    BOOST_TEST(chapter().json({"--replay", recorded(name)}).starts_with("{\"losses\":["));
  }
}
