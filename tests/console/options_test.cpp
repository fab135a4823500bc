#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "../support/chapter.hpp"
#include "../support/processes.hpp"
#include "../support/program.hpp"
#include "../support/ranks.hpp"

import rnn.console.options;
import rnn.linalg.kernel.cpu;

using rnn::Options;
using rnn::testing::Folder;
using rnn::testing::Result;
using Arguments = std::vector<std::string>;
namespace fs = std::filesystem;

namespace {

std::string error_of(Options& options, const Arguments& arguments) {
  try {
    options.parse(arguments);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

struct Chapter {
  Options options{"01_two_steps", "Two time steps, written out by hand."};
  rnn::Option<std::size_t> seed = options.integer("seed", 1, {0, 4294967295}, "decides every random number");
  rnn::Option<std::size_t> epochs = options.integer("epochs", 100, {1, 1000000}, "how often to see all examples");
  rnn::Option<double> rate = options.real("learning-rate", 0.001, {0, 10, true}, "the step's size");
  rnn::Option<std::string> activation = options.choice("activation", "tanh", {"tanh", "relu"}, "the activation");
  rnn::ReplayOptions replay = options.replay();
  rnn::Option<std::filesystem::path> graph = options.output_file("graph", "FILE.dot", "where the graph goes");
  std::string error(const Arguments& arguments) { return error_of(options, arguments); }
};

/// A program of three words, which writes down what it is asked to do.
struct ProgramOfWords {
  Options options{"06_mnist", "Reads digits."};
  std::string done;
  std::string complaint;

  int run(Arguments arguments) {
    options.word("train", "learn");
    for (const char* word : {"evaluate", "predict"}) {
      options.word(word, "do that", [this](int argc, char** argv) {
        for (int i = 0; i < argc; ++i) done += std::string(argv[i]) + ' ';
        return 7;
      });
    }
    const auto epochs = options.integer("epochs", 100, {1, 1000000}, "how often");
    arguments.insert(arguments.begin(), "06_mnist");
    std::ostringstream err;
    std::streambuf* before = std::cerr.rdbuf(err.rdbuf());
    const int status = options.run(int(arguments.size()), rnn::testing::pointers(arguments).data(), [&] {
      done = "epochs " + std::to_string(*epochs);
      return 0;
    });
    std::cerr.rdbuf(before);
    complaint = err.str();
    return status;
  }
};

/// A program with files of every kind, and names of options that a training program has.
struct FilesOfARun : Chapter {
  FilesOfARun() {
    for (const char* name : {"resume", "init"}) options.input_file(name, "FILE", "an input");
    for (const char* name : {"checkpoint", "save", "csv"}) options.output_file(name, "FILE", "an output");
    options.output_folder("logdir", "DIR", "a folder");
  }
};

std::string error(const Arguments& arguments) { return Chapter().error(arguments); }

Result run(Arguments arguments, const rnn::testing::Settings& settings = {}) {
  return rnn::testing::run(rnn::testing::from_environment("OPTIONS_PROGRAM"), std::move(arguments), settings);
}

}  // namespace

BOOST_AUTO_TEST_CASE(without_arguments_every_option_has_its_default) {
  Chapter chapter;
  chapter.options.parse({});
  BOOST_TEST(*chapter.seed == 1u);
  BOOST_TEST(*chapter.rate == 0.001);
  BOOST_TEST(!*chapter.replay.json);
  BOOST_TEST(*chapter.activation == "tanh");
  BOOST_TEST(chapter.replay.file->empty());
  BOOST_TEST(!chapter.seed.given());
}

BOOST_AUTO_TEST_CASE(a_value_follows_its_option_or_an_equals_sign) {
  Chapter chapter;
  chapter.options.parse({"--seed", "4294967295", "--epochs=7", "--learning-rate=1e-3", "--activation", "relu"});
  BOOST_TEST(*chapter.seed == 4294967295u);
  BOOST_TEST(*chapter.epochs == 7u);
  BOOST_TEST(*chapter.rate == 1e-3);
  BOOST_TEST(*chapter.activation == "relu");
  BOOST_TEST(chapter.seed.given());
}

BOOST_AUTO_TEST_CASE(a_number_that_is_none_or_out_of_bounds_is_refused_with_what_was_expected) {
  for (const char* value : {"-3", "0", "1000001", "nan", "inf", "1e999", "12abc", "1.5", "1e3", " 1", "1 ", "+1", "0x1",
                            "18446744073709551617", "--seed"}) {
    const std::string expected = "--epochs: expected a whole number from 1 to 1000000, got \"";
    BOOST_TEST(error({"--epochs=" + std::string(value)}) == expected + value + "\"");
    BOOST_TEST(error({"--epochs", value}).starts_with("--epochs: expected a whole number from 1 to 1000000, got "));
  }
  for (const char* value : {"-3", "0", "10.5", "nan", "inf", "-inf", "1e999", "1e-999", "0.1x", "0,1"}) {
    const std::string expected = "--learning-rate: expected a number above 0 and at most 10, got \"";
    BOOST_TEST(error({"--learning-rate", value}) == expected + value + "\"");
  }
  BOOST_TEST(error({"--activation=sigmoid"}) == "--activation: expected tanh or relu, got \"sigmoid\"");
}

BOOST_AUTO_TEST_CASE(a_value_that_is_missing_or_too_many_is_refused) {
  const std::string nothing = "--seed: expected a whole number from 0 to 4294967295, got nothing";
  BOOST_TEST(error({"--seed"}) == nothing);
  BOOST_TEST(error({"--seed="}) == nothing);
  BOOST_TEST(error({"--seed", "--epochs", "3"}).starts_with("--seed: expected a whole number"));
  BOOST_TEST(error({"--seed", ""}).starts_with("--seed: expected a whole number"));
  BOOST_TEST(error({"--replay", ""}).starts_with("--replay: expected the name of a file"));
  BOOST_TEST(error({"--json=1"}) == "--json: takes no value");
  BOOST_TEST(error({"--json="}) == "--json: takes no value");
}

BOOST_AUTO_TEST_CASE(an_unknown_option_is_answered_with_the_nearest_right_one) {
  BOOST_TEST(error({"--epoch", "3"}) == "unknown option --epoch: did you mean --epochs?");
  BOOST_TEST(error({"--epoch=3"}) == "unknown option --epoch: did you mean --epochs?");
  BOOST_TEST(error({"--e"}) == "unknown option --e: did you mean --epochs?");
  BOOST_TEST(error({"--Seed", "3"}) == "unknown option --Seed: did you mean --seed?");
  BOOST_TEST(error({"--learning_rate=1"}) == "unknown option --learning_rate: did you mean --learning-rate?");
  BOOST_TEST(error({"--frobnicate"}) == "unknown option --frobnicate: --help lists them all");
}

BOOST_AUTO_TEST_CASE(a_stray_argument_and_a_repeated_option_are_refused) {
  BOOST_TEST(error({"3"}) == "unexpected argument \"3\"");
  BOOST_TEST(error({"--seed", "3", "4"}) == "unexpected argument \"4\"");
  BOOST_TEST(error({"-s"}) == "unexpected argument \"-s\"");
  BOOST_TEST(error({"-3"}) == "unexpected argument \"-3\"");
  BOOST_TEST(error({""}) == "unexpected argument \"\"");
  BOOST_TEST(error({"-"}) == "unexpected argument \"-\"");
  BOOST_TEST(error({"--", "x"}) != "no error");
  BOOST_TEST(error({"--"}) != "no error");
  BOOST_TEST(error({"--=3"}) != "no error");
  BOOST_TEST(error({std::string(5000, 'x')}) == "unexpected argument \"" + std::string(60, 'x') + "\"");
  BOOST_TEST(error({"--json", "yes"}) == "unexpected argument \"yes\"");
  BOOST_TEST(error({"--seed=1", "--seed=1"}) == "--seed: given more than once");
}

BOOST_AUTO_TEST_CASE(a_word_runs_its_program_with_what_follows_and_one_may_be_left_out) {
  const auto check = [](const Arguments& arguments, int status, const std::string& done) {
    ProgramOfWords program;
    BOOST_TEST(program.run(arguments) == status);
    BOOST_TEST(program.done == done);
    BOOST_TEST(program.complaint == "");
  };
  check({}, 0, "epochs 100");
  check({"--epochs", "3"}, 0, "epochs 3");
  check({"train", "--epochs", "3"}, 0, "epochs 3");
  check({"predict", "--epochs", "a.png", "-h"}, 7, "predict --epochs a.png -h ");
  check({"evaluate"}, 7, "evaluate ");
}

BOOST_AUTO_TEST_CASE(a_wrong_word_is_answered_with_the_nearest_right_one) {
  const auto check = [](const Arguments& arguments, const std::string& line) {
    ProgramOfWords program;
    BOOST_TEST(program.run(arguments) == 2);
    BOOST_TEST(program.done == "");
    BOOST_TEST(program.complaint == "06_mnist: " + line + "\n");
  };
  check({"evalute"}, "unknown command \"evalute\": did you mean evaluate?");
  check({"Train"}, "unknown command \"Train\": did you mean train?");
  check({"pred"}, "unknown command \"pred\": did you mean predict?");
  check({"frobnicate"}, "unknown command \"frobnicate\": expected train, evaluate, predict");
  check({""}, "unknown command \"\": expected train, evaluate, predict");
  check({"train", "train"}, "unexpected argument \"train\": a command comes first");
  check({"--epochs", "3", "predict"}, "unexpected argument \"predict\": a command comes first");
  check({"train", "x"}, "unexpected argument \"x\"");
}

BOOST_AUTO_TEST_CASE(arguments_without_a_name_are_welcome_where_they_are_declared) {
  const auto read = [](const Arguments& arguments) {
    Chapter chapter;
    const auto images = chapter.options.arguments("IMAGE", "a picture");
    const std::string error = chapter.error(arguments);
    if (error != "no error") return Arguments{error};
    return *images;
  };
  BOOST_TEST(read({"a.png", "--seed", "3", "-3", "a.png", "--json", "--replay=/dev/null", "b"}) ==
                 Arguments({"a.png", "-3", "a.png", "b"}),
             boost::test_tools::per_element());
  BOOST_TEST(read({}).at(0) == "expected at least one IMAGE, got none");
  BOOST_TEST(read({"--seed", "3"}).at(0) == "expected at least one IMAGE, got none");
  BOOST_TEST(read({"a", ""}).at(0) == "expected IMAGE, got \"\"");
  BOOST_TEST(read({"a", "--sed"}).at(0) == "unknown option --sed: did you mean --seed?");
  BOOST_TEST(read({"a", "--"}).at(0) == "unexpected argument \"--\"");
}

BOOST_AUTO_TEST_CASE(one_argument_without_a_name_may_be_all_that_is_welcome) {
  const auto read = [](const Arguments& arguments) {
    Chapter chapter;
    const auto file = chapter.options.argument("FILE", "a file");
    BOOST_TEST(chapter.options.help().find("[options] FILE\n\nFILE: a file\n") != std::string::npos);
    const std::string error = chapter.error(arguments);
    return error == "no error" ? file->at(0) : error;
  };
  BOOST_TEST(read({"--seed", "3", "a"}) == "a");
  BOOST_TEST(read({}) == "expected one FILE, got none");
  BOOST_TEST(read({"a", "--seed", "3", "b"}) == "unexpected argument \"b\": expected one FILE");
}

BOOST_AUTO_TEST_CASE(an_option_that_is_required_is_asked_for) {
  Chapter without, with;
  for (Chapter* chapter : {&without, &with}) chapter->options.required("graph");
  BOOST_TEST(without.error({}) == "--graph: expected the name of a file (where the graph goes), got nothing");
  BOOST_TEST(with.error({"--graph", "a.dot"}) == "no error");
}

BOOST_AUTO_TEST_CASE(an_option_that_needs_or_excludes_another_says_so) {
  BOOST_TEST(error({"--json"}) == "--json: needs --replay");
  Chapter chapter;
  chapter.options.excludes("seed", "epochs");
  BOOST_TEST(chapter.error({"--seed=1", "--epochs=2"}) == "--seed: cannot be given together with --epochs");
}

BOOST_AUTO_TEST_CASE(files_are_checked_before_any_work) {
  BOOST_TEST(error({"--replay", "none.json"}) == "--replay: none.json: No such file or directory");
  BOOST_TEST(error({"--replay", "/"}) == "--replay: /: Is a directory");
  BOOST_TEST(error({"--graph", "none/a.dot"}) == "--graph: none/a.dot: No such file or directory");
  BOOST_TEST(error({"--graph", "/"}) == "--graph: /: Is a directory");
  BOOST_TEST(error({"--graph", "/dev/null/a.dot"}) == "--graph: /dev/null/a.dot: Not a directory");
  BOOST_TEST(error({"--graph", "a.dot"}) == "no error");
  BOOST_TEST(!std::filesystem::exists("a.dot"));
}

BOOST_AUTO_TEST_CASE(a_number_of_which_nothing_is_left_as_a_float_is_refused) {
  const std::string expected = "--learning-rate: expected a number above 0 and at most 10, got ";
  for (const char* value : {"1e-60", "1e-300", "1e-39", "1.1e-38", "5e-324"}) {
    BOOST_TEST(error({"--learning-rate", value}) == expected + '"' + value + "\", which is too small for a float");
  }
  Chapter chapter;
  const auto clip = chapter.options.real("clip", 0, {-1e300, 1e300}, "a norm");
  BOOST_TEST(chapter.error({"--learning-rate", "1.2e-38", "--clip", "0"}) == "no error");
  const auto clip_error = [](const char* value) {
    Chapter other;
    other.options.real("clip", 0, {-1e300, 1e300}, "a norm");
    return other.error({"--clip", value});
  };
  BOOST_TEST(clip_error("1e-60").ends_with("got \"1e-60\", which is too small for a float"));
  BOOST_TEST(clip_error("-1e-60").ends_with("got \"-1e-60\", which is too small for a float"));
  BOOST_TEST(clip_error("1e39").ends_with("got \"1e39\", which is too large for a float"));
  for (const char* value : {"0", "-0", "3e38", "-3e38", "1e-37", "1.17549435e-38"})
    BOOST_TEST(clip_error(value) == "no error", value);
}

BOOST_AUTO_TEST_CASE(two_files_of_a_run_that_are_one_are_refused_before_anything_is_written) {
  const Folder folder;
  for (const char* name : {"case", "other"}) folder.file(name, "{}");
  fs::create_directory(folder / "sub");
  fs::create_symlink("case", folder / "link");
  fs::create_symlink("new", folder / "dangling");
  fs::create_hard_link(folder / "case", folder / "hard");
  const auto run = [&](Arguments arguments) {
    FilesOfARun files;
    for (std::string& argument : arguments) {
      if (!argument.starts_with("--")) argument = folder / argument;
    }
    return files.error(arguments);
  };
  const auto one = [&](const std::string& option, const std::string& name, const std::string& other) {
    return "--" + option + ": expected a file of its own, got " + folder / name + ", which is that of --" + other;
  };
  for (const char* name : {"case", "link", "hard", "./case", "sub/../case"}) {
    BOOST_TEST(run({"--replay", "case", "--graph", name}) == one("graph", name, "replay"));
    BOOST_TEST(run({"--graph", name, "--replay", "case"}) == one("graph", name, "replay"));
    BOOST_TEST(run({"--graph", name, "--csv", "case"}) == one("csv", "case", "graph"));
  }
  for (const char* name : {"new", "dangling", "./new", "sub/../new"}) {
    BOOST_TEST(run({"--graph", "new", "--csv", name}) == one("csv", name, "graph"));
    BOOST_TEST(run({"--logdir", "new", "--csv", name}) == one("logdir", "new", "csv"));
  }
  BOOST_TEST(run({"--init", "case", "--csv", "case"}) == one("csv", "case", "init"));
  BOOST_TEST(run({"--resume", "case", "--save", "case"}) == one("save", "case", "resume"));
  BOOST_TEST(run({"--checkpoint", "a", "--save", "a"}) == one("save", "a", "checkpoint"));
  // The ways in which they are used, and what is not the same.
  BOOST_TEST(run({"--resume", "case", "--checkpoint", "case"}) == "no error");
  BOOST_TEST(run({"--init", "case", "--save", "link"}) == "no error");
  BOOST_TEST(run({"--init", "case", "--replay", "case"}) == "no error");
  BOOST_TEST(run({"--replay", "case", "--graph", "other", "--csv", "new", "--logdir", "sub"}) == "no error");
  FilesOfARun shared;
  shared.options.may_share("csv", "graph");
  BOOST_TEST(shared.error({"--graph", folder / "a", "--csv", folder / "a"}) == "no error");
  FilesOfARun devices;
  BOOST_TEST(devices.error({"--graph", "/dev/null", "--csv", "/dev/null"}) == "no error");
  BOOST_TEST(folder.read("case") == "{}");
  BOOST_TEST(!fs::exists(folder / "new"));
}

BOOST_AUTO_TEST_CASE(a_file_that_the_program_reads_by_itself_is_not_written_either) {
  const Folder folder;
  folder.file("images", "x");
  FilesOfARun files;
  BOOST_TEST(files.error({"--save", folder / "./images", "--csv", folder / "new"}) == "no error");
  files.options.reads(folder / "other");
  files.options.reads(folder / "none/images");
  BOOST_CHECK_EXCEPTION(files.options.reads(folder / "images"), std::invalid_argument, [&](const auto& error) {
    return error.what() == "--save: expected a file of its own, got " + folder / "./images" + ", which is read";
  });
  FilesOfARun named;
  const auto pictures = named.options.arguments("IMAGE", "a picture");
  BOOST_TEST(named.error({"--save", folder / "images", folder / "images"}) ==
             "--save: expected a file of its own, got " + folder / "images" + ", which is read");
  FilesOfARun twice;
  const auto inputs = twice.options.arguments("IMAGE", "a picture");
  BOOST_TEST(twice.error({"--replay", folder / "images", folder / "images"}) == "no error");
}

BOOST_AUTO_TEST_CASE(a_file_is_not_in_the_way_of_a_folder_that_is_to_be_made) {
  const Folder folder;
  fs::create_directory(folder / "there");
  const auto run = [&](const std::string& directory, const std::string& file) {
    FilesOfARun before, after;
    const std::string error = before.error({"--csv", folder / file, "--logdir", folder / directory});
    BOOST_TEST(after.error({"--logdir", folder / directory, "--csv", folder / file}) == error);
    return error;
  };
  for (const char* above : {"new", "./new", "there/../new"}) {
    for (const char* directory : {"new/log", "new/er/log", "there/../new/log/"}) {
      BOOST_TEST(run(directory, above) ==
                 "--csv: expected a file of its own, got " + folder / above + ", a folder of --logdir");
    }
  }
  BOOST_TEST(run("there/log", "there/csv") == "no error");
  BOOST_TEST(run("there/log", "log") == "no error");
  BOOST_TEST(run("there/log", "there") == "--csv: " + folder / "there" + ": Is a directory");
  BOOST_TEST(run("new/er/log", "csv") == "no error");
  // Whichever of the two the program declares first.
  Options reversed{"01_two_steps", "Writes files."};
  const auto directory = reversed.output_folder("logdir", "DIR", "a folder");
  const auto file = reversed.output_file("csv", "FILE", "a file");
  BOOST_TEST(error_of(reversed, {"--csv", folder / "new", "--logdir", folder / "new/log"}) ==
             "--csv: expected a file of its own, got " + folder / "new" + ", a folder of --logdir");
}

BOOST_AUTO_TEST_CASE(what_is_above_a_file_is_not_made_but_must_be_there) {
  const Folder folder;
  folder.file("plain", "x");
  FilesOfARun files;
  BOOST_TEST(files.error({"--csv", folder / "plain/new", "--save", folder / "plain"}) ==
             "--csv: " + folder / "plain/new" + ": Not a directory");
}

BOOST_AUTO_TEST_CASE(a_drawing_has_no_name_of_another_kind_of_picture) {
  const auto error = [](const std::string& name) {
    Chapter chapter;
    chapter.options.output_drawing("plot", "FILE.svg", "curves");
    return chapter.error({"--plot", name});
  };
  for (const char* name : {"a.png", "a.PNG", "a.Pdf", "none/a.jpeg", "a.svgz", "a.svg.eps"}) {
    BOOST_TEST(error(name) ==
               "--plot: " + std::string(name) + ": expected a name that ends in .svg: no other pictures are drawn");
  }
  for (const char* name : {"a.svg", "a.SVG", "a", "a.dot", "png", ".png", "/dev/null"}) {
    BOOST_TEST(error(name) == "no error", name);
  }
  BOOST_TEST(error("") == "--plot: expected the name of a file, got \"\"");
}

BOOST_AUTO_TEST_CASE(a_file_where_output_is_sent_is_not_written_at_the_same_time) {
  const Folder folder;
  folder.file("out", "");
  rnn::testing::Settings to_file;
  to_file.stdout_to = folder / "out";
  const Result same = run({"--write", folder / "out"}, to_file);
  BOOST_TEST(same.status == 2);
  BOOST_TEST(same.err == "01_two_steps: --write: expected a file of its own, got " + folder / "out" +
                             ", where standard output goes\n");
  BOOST_TEST(folder.read("out") == "");
  const Result itself = run({"--write", "/dev/stdout"}, to_file);
  BOOST_TEST(itself.status == 1);
  BOOST_TEST(itself.err == "");
}

BOOST_AUTO_TEST_CASE(a_folder_for_output_is_one_in_which_files_can_be_made) {
  const Folder folder;
  folder.file("file", "x");
  fs::create_symlink("none", folder / "dangling");
  const auto run = [&](const std::string& name) {
    FilesOfARun files;
    return files.error({"--logdir", folder / name});
  };
  for (const char* name : {"", "new", "new/", "new/er/est", "./new"}) BOOST_TEST(run(name) == "no error", name);
  BOOST_TEST(run("file") == "--logdir: " + folder / "file" + ": Not a directory");
  BOOST_TEST(run("file/new") == "--logdir: " + folder / "file/new" + ": Not a directory");
  BOOST_TEST(run("dangling") == "--logdir: " + folder / "dangling" + ": No such file or directory");
  BOOST_TEST(run(std::string(300, 'n')).ends_with("n: File name too long"));
  fs::permissions(folder / "", fs::perms(0555));
  BOOST_TEST(rnn::testing::as_nobody([&] { return run("new/er"); }) ==
             "--logdir: " + folder / "new/er" + ": Permission denied");
  fs::permissions(folder / "", fs::perms::owner_all);
  BOOST_TEST(std::distance(fs::directory_iterator(folder / ""), {}) == 2);
}

BOOST_AUTO_TEST_CASE(names_are_shown_with_escapes_and_not_at_any_length) {
  BOOST_TEST(error({"--replay", "a\x1b[2J\xff"}) == "--replay: a\\x1b[2J\\xff: No such file or directory");
  const std::string huge = error({"--replay", std::string(100'000, 'x')});
  BOOST_TEST(huge.size() < 500u);
  BOOST_TEST(huge.ends_with("x: File name too long"));
  for (const Arguments& arguments : std::vector<Arguments>{{"\x1b[2J\xff\u202e"},
                                                           {"--e\x1b[2J\xff"},
                                                           {"--epochs", "\x1b[2J"},
                                                           {"--write", "no\x1bne/\xff"},
                                                           {std::string(3000, '\x1b')}}) {
    const Result result = run(arguments);
    BOOST_TEST(result.status == 2);
    BOOST_TEST(std::ranges::none_of(result.err, [](unsigned char c) { return (c < ' ' && c != '\n') || c == 0xff; }));
    BOOST_TEST(result.err.size() < 500u);
  }
}

BOOST_AUTO_TEST_CASE(a_line_to_be_typed_again_is_what_was_typed_and_can_be_shown) {
  for (const std::string word : {"a b", "it's", "\x1b[2J and more", "rub\x7fout", "\xff\xfe", "a\nb'\\c", "\u202eabc",
                                 "Größe", "$HOME `x` \"y\" !",
                                 "\x01"
                                 "2",
                                 "\xff"
                                 "f"}) {
    Options options("program", "Shows nothing.");
    const auto title = options.text("title", "", "a title", "TITLE");
    Arguments arguments{"program", "--title", word};
    BOOST_TEST(options.run(3, rnn::testing::pointers(arguments).data(), [] { return 0; }) == 0);
    const std::string line = options.command_line({}, {});
    BOOST_TEST(std::ranges::none_of(line, [](unsigned char c) { return c < ' ' || c == 0x7f || c == 0xff; }), line);
    for (const char* part : {"\u202e", "\\x20"}) BOOST_TEST(line.find(part) == std::string::npos, line);
    const Result typed =
        rnn::testing::run("/bin/bash", {"-c", "printf %s" + line.substr(line.find(" --title")).substr(8)});
    BOOST_TEST(typed.out == word, line);
  }
}

BOOST_AUTO_TEST_CASE(a_line_to_be_typed_again_may_leave_out_options_and_have_others) {
  Options options("program", "Shows nothing.");
  for (const char* name : {"a", "b"}) options.text(name, "", "a text", "X");
  options.flag("quiet", "say nothing");
  BOOST_TEST(options.command_line({}, {}) == "program");
  char* nothing[] = {nullptr};
  BOOST_TEST(options.run(0, nothing, [] { return 0; }) == 0);
  BOOST_TEST(options.command_line({}, {}) == "program");
  Arguments arguments{"a folder/program", "--a", "1", "--quiet", "--b=2"};
  BOOST_TEST(options.run(5, rnn::testing::pointers(arguments).data(), [] { return 0; }) == 0);
  const std::string program = "'a folder/program'";
  BOOST_TEST(options.command_line({}, {}) == program + " --a 1 --quiet --b=2");
  BOOST_TEST(options.command_line({"a"}, {"--c", "x y", ""}) == program + " --quiet --b=2 --c 'x y' ''");
  BOOST_TEST(options.command_line({"b", "c"}, {}) == program + " --a 1 --quiet");
  BOOST_TEST(options.command_line({"a", "b"}, {"--b=3"}) == program + " --quiet --b=3");
}

BOOST_AUTO_TEST_CASE(a_number_may_be_at_its_bounds) {
  for (const char* value : {"1", "1000000"}) BOOST_TEST(error({"--epochs", value}) == "no error", value);
  BOOST_TEST(error({"--learning-rate", "10"}) == "no error");
  for (const auto& [value, is_right] : {std::pair("2", true), {"3", true}, {"1.9", false}, {"3.1", false}}) {
    Chapter chapter;
    chapter.options.real("x", 2, {2, 3}, "a number");
    BOOST_TEST(chapter.error({"--x", value}) ==
               (is_right ? "no error" : "--x: expected a number from 2 to 3, got \"" + std::string(value) + '"'));
  }
}

BOOST_AUTO_TEST_CASE(the_nearest_option_differs_in_two_letters_or_a_third_of_them) {
  const auto meant = [](const std::string& wrong) {
    Options options("program", "Shows nothing.");
    for (const char* name : {"abcdef", "same1", "same2", "twelveletter", "sa12"}) options.flag(name, "");
    try {
      options.parse({"--" + wrong});
    } catch (const std::invalid_argument& error) {
      const std::string said = error.what(), mean = "did you mean --";
      const auto at = said.find(mean);
      return at == std::string::npos ? "" : said.substr(at + mean.size());
    }
    return std::string("right");
  };
  // A letter replaced, left out or too many; two of them; exchanged; at the other end.
  for (const char* wrong : {"abcxef", "abdef", "abccdef", "abxxef", "bcdef", "abcde", "xabcdef", "abcdefx", "abcdfe",
                            "bcdefa", "fabcde", "cdef", "abcdefxx", "a"}) {
    BOOST_TEST(meant(wrong) == "abcdef?", wrong);
  }
  for (const char* wrong : {"abxxxf", "bcdefxx", "def", "abcdefxxxx", "xyz"}) BOOST_TEST(meant(wrong) == "", wrong);
  BOOST_TEST(meant("twelvelexxxx") == "twelveletter?");
  BOOST_TEST(meant("twelvelxxxxx") == "");
  BOOST_TEST(meant("same3") == "same1?");  // the first of equals
  BOOST_TEST(meant("sa2") == "sa12?");     // which is nearer than same2, the one before it
  BOOST_TEST(meant("twelveletter") == "right");
}

BOOST_AUTO_TEST_CASE(options_take_values_from_a_file_and_others_on_the_line_are_refused) {
  const Folder folder;
  const std::string file = folder.file("file", "");
  using Values = std::map<std::string, std::string>;
  struct Program {
    explicit Program(const Values& values) {
      options.input_file("from", "FILE", "a file with values");
      options.values_from("from", [values](const fs::path&) { return values; });
    }
    std::string error(const Arguments& arguments) {
      try {
        options.parse(arguments);
      } catch (const std::exception& error) {
        return error.what();
      }
      return "no error";
    }
    Options options{"program", "Shows nothing."};
    rnn::Option<std::size_t> n = options.integer("n", 5, {1, 9}, "a number");
    rnn::Option<double> x = options.real("x", 0, {0, 1}, "a number");
    rnn::Option<bool> flag = options.flag("flag", "a flag");
  };
  const auto error = [&](const Values& values, Arguments arguments) {
    arguments.insert(arguments.end(), {"--from", file});
    return Program(values).error(arguments);
  };
  Program without({{"n", "7"}}), with({{"n", "7"}, {"flag", "true"}, {"x", "0.5"}});
  BOOST_TEST(without.error({"--n", "6"}) == "no error");
  BOOST_TEST(with.error({"--from", file}) == "no error");
  BOOST_TEST((*with.n == 7u && *with.flag && *with.x == 0.5));
  BOOST_TEST((!with.n.given() && !with.flag.given() && !with.options.given("n") && with.options.given("from")));
  BOOST_TEST(with.options.value("n") == "7");
  BOOST_TEST(with.options.value("flag") == "true");
  BOOST_TEST(without.options.value("flag") == "false");
  BOOST_TEST(with.options.value("x") == "0.5");
  BOOST_CHECK_THROW(static_cast<void>(with.options.value("none")), std::logic_error);
  BOOST_CHECK_THROW(with.options.flag("flag", "again"), std::logic_error);

  BOOST_TEST(error({{"n", "7"}}, {"--n", "7"}) == "no error");
  BOOST_TEST(error({{"n", "7"}}, {"--n", "6"}) == "--n: expected 7, as " + file + " has it, got 6");
  BOOST_TEST(error({{"flag", "true"}}, {"--flag"}) == "no error");
  BOOST_TEST(error({{"flag", "false"}}, {}) == "no error");
  BOOST_TEST(error({{"flag", "false"}}, {"--flag"}) == "--flag: cannot be given: " + file + " was made without it");
  BOOST_TEST(error({{"flag", "yes"}}, {}) == file + ": flag: expected true or false, found \"yes\"");
  BOOST_TEST(error({{"n", "x"}}, {}) == file + ": n: expected a whole number from 1 to 9, found \"x\"");
  BOOST_TEST(error({{"x", "1e-60"}}, {}) ==
             file + ": x: expected a number from 0 to 1, got \"1e-60\", which is too small for a float");
  BOOST_TEST(error({{"none", "1"}}, {}) == "Options: there is no --none");
}

BOOST_AUTO_TEST_CASE(what_is_worth_knowing_is_told_once_under_the_programs_name_unless_it_is_to_be_quiet) {
  BOOST_TEST(run({"--fail", "notice"}).err == "01_two_steps: something to\\x1b know\n");
  BOOST_TEST(run({"--fail", "notice", "--quiet"}).err == "");
}

BOOST_AUTO_TEST_CASE(help_shows_options_in_groups_with_defaults_and_examples) {
  for (const char* argument : {"--help", "-h"}) {
    const Result result = run({"--nonsense", argument});
    BOOST_TEST(result.status == 0);
    BOOST_TEST(result.err == "");
    for (const char* part : {"Two time steps", "Numbers:", "Output:", "--epochs N", "--quiet  ", "[default 100]",
                             "Examples:", "01_two_steps --epochs 3"}) {
      BOOST_TEST(result.out.find(part) != std::string::npos, part << " in\n" << result.out);
    }
    BOOST_TEST(result.out.find("Commands") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(help_lists_the_words_and_names_the_arguments) {
  ProgramOfWords program;
  program.run({});
  program.options.arguments("IMAGE", "a picture");
  const std::string help = program.options.help();
  for (const char* part : {"Usage: 06_mnist [train] [options] IMAGE [IMAGE ...]\n", "\nIMAGE: a picture\n",
                           "\n  evaluate              do that\n", "06_mnist COMMAND --help tells more"}) {
    BOOST_TEST(help.find(part) != std::string::npos, part << " in\n" << help);
  }
}

BOOST_AUTO_TEST_CASE(a_program_ends_with_its_chapters_status) {
  const Result result = run({"--epochs", "3"});
  BOOST_TEST(result.out == "3\n");
  BOOST_TEST(result.err == "");
  BOOST_TEST(result.status == 1);
}

BOOST_AUTO_TEST_CASE(every_error_is_one_line_on_stderr_and_status_2) {
  const auto check = [](const Arguments& arguments, const std::string& line, const std::string& out) {
    const Result result = run(arguments);
    BOOST_TEST(result.err == "01_two_steps: " + line + "\n");
    BOOST_TEST(result.out == out);
    BOOST_TEST(result.status == 2);
  };
  check({"--epochs", "-3"}, "--epochs: expected a whole number from 1 to 1000000, got \"-3\"", "");
  check({"--fail", "invalid"}, "matmul: shapes", "100\n");
  check({"--fail", "memory"}, "out of memory", "100\n");
  check({"--fail", "lines"}, "one\\ntwo", "100\n");
  check({"--fail", "length"}, "out of memory", "100\n");
  check({"--fail", "folder"}, "/none: No such file or directory", "100\n");
  check({"a\nb"}, "unexpected argument \"a\\nb\"", "");
  // Where both go to one place, what was printed before comes before.
  const std::string program = rnn::testing::from_environment("OPTIONS_PROGRAM");
  BOOST_TEST(rnn::testing::run("/bin/bash", {"-c", program + " --fail lines 2>&1"}).out ==
             "100\n01_two_steps: one\\ntwo\n");
}

BOOST_AUTO_TEST_CASE(an_output_that_cannot_be_written_is_an_error) {
  rnn::testing::Settings full, closed;
  full.stdout_to = "/dev/full";
  closed.close_stdout = true;
  for (const Result& result : {run({}, full), run({}, closed), run({"--help"}, closed)}) {
    BOOST_TEST(result.err.starts_with("01_two_steps: cannot write to standard output"));
    BOOST_TEST(std::ranges::count(result.err, '\n') == 1);
    BOOST_TEST(result.status == 2);
  }
  const Result result = run({"--help"}, full);
  BOOST_TEST(result.err == "01_two_steps: cannot write to standard output: No space left on device\n");
  BOOST_TEST(result.status == 2);
}

BOOST_AUTO_TEST_CASE(an_output_that_is_broken_for_no_reason_of_the_systems_is_an_error_too) {
  ProgramOfWords program;
  std::ostringstream err;
  std::streambuf* before = std::cerr.rdbuf(err.rdbuf());
  Arguments arguments{"06_mnist"};
  const int status = program.options.run(1, rnn::testing::pointers(arguments).data(), [] {
    std::cout.setstate(std::ios::badbit);
    return 0;
  });
  std::cout.clear();
  std::cerr.rdbuf(before);
  BOOST_TEST(status == 2);
  BOOST_TEST(err.str() == "06_mnist: cannot write to standard output\n");
}

BOOST_AUTO_TEST_CASE(what_is_printed_to_a_closed_stdout_does_not_end_up_in_a_file) {
  const Folder folder;
  rnn::testing::Settings closed;
  closed.close_stdout = true;
  const Result result = run({"--write", folder / "w"}, closed);
  BOOST_TEST(folder.read("w") == "written");
  BOOST_TEST(result.status == 2);
}

BOOST_AUTO_TEST_CASE(processes_that_mpirun_has_started_run_the_chapter_together_with_the_same_options) {
  if (!rnn::testing::has_ranks()) return;
  const Folder folder;
  const std::string program = rnn::testing::from_environment("OPTIONS_PROGRAM");
  rnn::testing::Settings settings;
  settings.environment["RAN"] = folder / "ran";
  const auto several = [&](int count, const Arguments& arguments) {
    folder.file("ran", "");
    return rnn::testing::mpirun(count, program, arguments, settings);
  };
  // The first alone speaks, reads and writes.
  folder.file("title", "5 words\nand 12 more");
  const Result all =
      several(3, {"--epochs", "7", "--from", folder / "title", "--write", folder / "w", "--fail=notice"});
  BOOST_TEST(all.out == "7\n");
  BOOST_TEST(all.err == "01_two_steps: something to\\x1b know\n");
  BOOST_TEST(all.status == 1);
  BOOST_TEST(folder.read("ran") == "333");
  BOOST_TEST(folder.read("w") == "written");
  BOOST_TEST(several(2, {"--title", "", "--quiet"}).err.ends_with("--title: expected a text, got \"\"\n"));
  BOOST_TEST(folder.read("ran") == "");
  BOOST_TEST(several(2, {"--title", "7 8 9", "--quiet", "--fail=notice"}).err == "");
  BOOST_TEST(folder.read("ran") == "22");

  // Recorded cases, help and programs that do not share their work are for one.
  folder.file("case", "{}");
  BOOST_TEST(several(2, {"--replay", folder / "case"}).out == "100\n");
  BOOST_TEST(folder.read("ran") == "1");
  const Result help = several(2, {"--help"});
  BOOST_TEST(help.status == 0);
  BOOST_TEST(help.out == run({"--help"}).out);
  BOOST_TEST(folder.read("ran") == "");
  settings.environment["ALONE"] = "yes";
  BOOST_TEST(several(2, {}).out == "100\n");
  BOOST_TEST(folder.read("ran") == "1");
}

BOOST_AUTO_TEST_CASE(what_other_processes_have_against_the_run_is_told_by_the_first) {
  if (!rnn::testing::has_ranks()) return;
  const std::string program = rnn::testing::from_environment("OPTIONS_PROGRAM");
  const Result broken = rnn::testing::mpirun(2, program, {"--fail=other rank"});
  BOOST_TEST(broken.out == "100\n");
  BOOST_TEST(broken.err.starts_with("01_two_steps: rank 1 on "), broken.err);
  BOOST_TEST(broken.err.ends_with(": one\\ntwo\n"), broken.err);
  BOOST_TEST(broken.status == 2);
  // The second process is started differently.
  const auto differ = [&](const Arguments& begin, const Arguments& end) {
    Arguments arguments{"--epochs=3", ":", "-n", "1"};
    arguments.insert(arguments.end(), begin.begin(), begin.end());
    arguments.push_back(program);
    arguments.insert(arguments.end(), end.begin(), end.end());
    const Result result = rnn::testing::mpirun(1, program, arguments);
    BOOST_TEST(result.status == 2);
    return result.err;
  };
  BOOST_TEST(differ({}, {"--epochs=3", "--quiet"}) ==
             "01_two_steps: options of rank 1: expected \"--epochs=3\", as rank 0 has, found \"--epochs=3 --quiet\"\n");
  const std::string other = differ({"env", "PROGRAM_NAME=other"}, {"--epochs=3"});
  BOOST_TEST(other.starts_with("01_two_steps: version of rank 1: expected 01_two_steps "), other);
  BOOST_TEST(other.find(", as rank 0 has, found other ") != std::string::npos, other);
  if (std::string(rnn::kind_of_kernel()) == "baseline") return;  // there is no other here
  BOOST_TEST(differ({"env", "RNN_KERNEL=baseline"}, {"--epochs=3"}).find("kind of kernel of rank 1: expected ") !=
             std::string::npos);
}
