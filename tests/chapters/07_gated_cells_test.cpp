#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "../support/chapter.hpp"

using namespace rnn::testing;

namespace {

const Chapter& chapter() {
  static const Chapter chapter("GATED_CELLS");
  return chapter;
}

// The lines from the one that contains `first` to the one before an empty one.
std::vector<std::string> block(const std::string& text, const std::string& first) {
  const auto at = text.find(first);
  BOOST_REQUIRE_MESSAGE(at != std::string::npos, "no \"" << first << "\" in " << text);
  std::istringstream lines(text.substr(at));
  std::vector<std::string> found;
  std::string line;
  while (std::getline(lines, line) && !line.empty()) found.push_back(line);
  return found;
}

// The numbers at the end of a line of show_memory's table.
std::vector<double> last_numbers(const std::string& line, std::size_t count) {
  std::istringstream words(line);
  std::vector<std::string> all;
  for (std::string word; words >> word;) all.push_back(word);
  std::vector<double> numbers;
  for (std::size_t i = all.size() - count; i < all.size(); ++i) numbers.push_back(std::stod(all[i]));
  return numbers;
}

}  // namespace

BOOST_AUTO_TEST_CASE(pytorchs_gated_cells_come_out_with_the_steps_by_hand_and_with_gradients) {
  for (const std::string cell : {"gru", "lstm"}) {
    for (const std::string number : {"0", "1", "2"}) {
      const std::string forward = "pytorch_gated/" + cell + "_forward_" + number + ".json";
      chapter().agrees_with(forward);
      const std::string states = chapter().output({"--replay", recorded(forward)});
      BOOST_TEST(Chapter::contains(states, "cell_state       agrees") == (cell == "lstm"), states);

      const std::string gradient = recorded("pytorch_gated/" + cell + "_gradient_" + number + ".json");
      const std::string table = chapter().output({"--replay", gradient});
      for (const char* name : {"logits", "loss", "gradients.w_x", "gradients.w_y", "gradients.b ", "gradients.w_out"}) {
        BOOST_TEST(Chapter::contains(table, name), table);
      }
      BOOST_TEST(!Chapter::contains(table, "DIFFERS"), table);
      const std::string json = chapter().json({"--replay", gradient});
      BOOST_TEST(json.starts_with("{\"logits\":[["), json);
    }
  }
}

BOOST_AUTO_TEST_CASE(so_do_those_of_the_basic_cell) {
  for (const char* name : {"notebook/scratch.json", "notebook/variable.json", "pytorch/unroll_0.json"}) {
    chapter().agrees_with(name);
  }
  chapter().output({"--replay", recorded("pytorch/gradient_0.json")});
}

BOOST_AUTO_TEST_CASE(a_wrong_number_in_a_case_is_told) {
  const Folder folder;
  const std::string wrong = folder.file("wrong.json", R"({"inputs": [[[0]]], "cell": "lstm",
    "weights": {"w_x": [[1, 1, 1, 1]], "w_y": [[1, 1, 1, 1]], "b": [0, 0, 0, 0]},
    "expected": {"state": [[0]], "cell_state": [[0.5]]}})");
  const std::string out = chapter().output({"--replay", wrong}, 1);
  BOOST_TEST(Chapter::contains(out, "state            agrees"), out);
  BOOST_TEST(Chapter::contains(out, "computed 0, recorded 0.5"), out);
}

BOOST_AUTO_TEST_CASE(a_step_by_hand_and_the_cells_own_are_the_same_bits) {
  for (const char* cell : {"rnn", "gru", "lstm"}) {
    for (const char* seed : {"1", "2", "3", "4294967295"}) {
      for (const char* kernel : {"", "baseline", "avx2"}) {
        const Settings settings = *kernel ? with_kernel(kernel) : Settings();
        const Result result =
            chapter().run({"--cell", cell, "--seed", seed, "--updates", "0", "--steps", "2"}, settings);
        if (*kernel && result.status == 2) continue;  // not on this machine
        BOOST_TEST(result.status == 0);
        BOOST_TEST(Chapter::contains(result.out, "the same numbers, bit for bit."), result.out);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(gates_keep_a_number_until_it_is_overwritten_or_erased) {
  const Arguments quick{"--updates", "0", "--steps", "2", "--cell"};
  const auto memory = [&](const char* cell) {
    Arguments arguments = quick;
    arguments.push_back(cell);
    const std::vector<std::string> lines = block(chapter().output(arguments), "   t  command");
    BOOST_REQUIRE(lines.size() == 9u);
    return std::vector(lines.begin() + 1, lines.end());
  };
  const double first = std::tanh(0.9), second = std::tanh(-0.4);
  const std::vector<double> kept{first, first, first, first, second, second, 0, 0};
  const auto lstm = memory("lstm"), gru = memory("gru"), rnn = memory("rnn");
  for (std::size_t t = 0; t < 8; ++t) {
    const bool shown = t == 2 || t == 5 || t == 7;
    const std::vector<double> c_h = last_numbers(lstm[t], 2);
    BOOST_TEST(std::abs(c_h[0] - kept[t]) <= 2e-3, lstm[t]);
    BOOST_TEST(std::abs(c_h[1] - (shown ? std::tanh(kept[t]) : 0)) <= 2e-3, lstm[t]);
    BOOST_TEST(std::abs(last_numbers(gru[t], 1)[0] - kept[t]) <= 2e-3, gru[t]);
  }
  // The basic cell can do nothing about what comes in.
  BOOST_TEST(std::abs(last_numbers(rnn[3], 1)[0] - std::tanh(0.9)) > 0.1, rnn[3]);
}

BOOST_AUTO_TEST_CASE(norms_begin_with_one_and_the_lstms_cell_state_has_its_own) {
  const Folder folder;
  chapter().output({"--updates", "2", "--steps", "12", "--neurons", "5", "--norms", folder / "norms.csv"});
  const std::string csv = folder.read("norms.csv");
  BOOST_TEST(csv.starts_with("t,rnn h before training,gru h before training,lstm h before training,"
                             "lstm c before training,rnn h after training,gru h after training,"),
             csv);
  const auto rows = rows_of(csv);
  BOOST_REQUIRE(rows.size() == 13u);
  for (const auto& row : rows) {
    BOOST_REQUIRE(row.size() == 9u);
    for (const double norm : row) BOOST_TEST((std::isfinite(norm) && norm >= 0));
  }
  for (const std::size_t column : {1, 2, 3, 5, 6, 7}) BOOST_TEST(rows.back()[column] == 1);
  for (const std::size_t column : {4, 8}) {
    BOOST_TEST(rows.back()[column] == 0);  // c after the last step: h is made already
    BOOST_TEST(rows[11][column] > 0);
  }
}

BOOST_AUTO_TEST_CASE(gated_cells_learn_to_add_what_the_basic_cell_does_not) {
  const Folder folder;
  const std::string out = chapter().output({"--steps", "30", "--updates", "500", "--threads", "1", "--csv",
                                            folder / "errors.csv", "--plot", folder / "errors.svg"});
  const auto rows = rows_of(folder.read("errors.csv"));
  BOOST_TEST(folder.read("errors.csv").starts_with("update,rnn,gru,lstm\n0,"));
  BOOST_REQUIRE(rows.size() == 6u);
  BOOST_TEST(rows.back()[0] == 500);
  BOOST_TEST(rows.back()[1] > 0.05);  // the constant guess has 0.167
  BOOST_TEST(rows.back()[2] < 0.01);
  BOOST_TEST(rows.back()[3] < 0.01);
  BOOST_TEST(Chapter::contains(out, "always to answer 1 has 0.16667"), out);
  const std::string svg = folder.read("errors.svg");
  for (const char* words : {"<svg", "rnn", "gru", "lstm", "always the same answer"}) {
    BOOST_TEST(Chapter::contains(svg, words));
  }
}

BOOST_AUTO_TEST_CASE(a_cell_that_is_trained_alone_learns_the_same) {
  const Folder folder;
  const Arguments quick{"--steps", "8", "--updates", "20", "--every", "7", "--neurons", "6"};
  const auto errors = [&](const Arguments& more) {
    Arguments arguments = quick;
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.insert(arguments.end(), {"--csv", folder / "errors.csv"});
    chapter().output(arguments);
    return rows_of(folder.read("errors.csv"));
  };
  const auto all = errors({}), threads = errors({"--threads", "3"});
  BOOST_TEST((all == threads));
  BOOST_REQUIRE(all.size() == 4u);  // after 0, 7, 14 and 20
  BOOST_TEST(all.back()[0] == 20);
  std::size_t column = 1;
  for (const char* cell : {"rnn", "gru", "lstm"}) {
    const auto alone = errors({"--train", cell});
    BOOST_REQUIRE(alone.size() == all.size());
    for (std::size_t i = 0; i < all.size(); ++i) BOOST_TEST(alone[i][1] == all[i][column], cell);
    ++column;
  }
  BOOST_TEST((errors({"--seed", "2"}) != all));
}

BOOST_AUTO_TEST_CASE(without_updates_it_still_measures) {
  const Folder folder;
  const std::string out = chapter().output(
      {"--updates", "0", "--steps", "2", "--csv", folder / "errors.csv", "--plot", folder / "errors.svg"});
  BOOST_TEST(rows_of(folder.read("errors.csv")).size() == 1u);
  BOOST_TEST(Chapter::contains(folder.read("errors.svg"), "<svg"));
  BOOST_TEST(!Chapter::contains(out, "after training"));
}

BOOST_AUTO_TEST_CASE(no_two_of_its_files_are_one_and_none_is_what_it_prints_to) {
  const Folder folder;
  for (const char* other : {"plot", "norms"}) {
    chapter().refuses(
        {"--csv", folder / "a", std::string("--") + other, folder / "./a"},
        std::string("--") + other + ": expected a file of its own, got " + folder / "./a" + ", which is that of --csv");
  }
  chapter().refuses({"--plot", folder / "a.png"},
                    "--plot: " + folder / "a.png" + ": expected a name that ends in .svg: no other pictures are drawn");
  BOOST_TEST(!std::filesystem::exists(folder / "a"));
}

BOOST_AUTO_TEST_CASE(it_ends_at_once_when_its_lines_cannot_be_written) {
  Settings full;
  full.stdout_to = "/dev/full";
  const Result result = chapter().run({"--updates", "1000000", "--every", "1"}, full);  // hours
  BOOST_TEST(result.status == 2);
  BOOST_TEST(result.err == "07_gated_cells: cannot write to standard output\n");
}

BOOST_AUTO_TEST_CASE(what_it_cannot_use_is_refused_in_one_line) {
  chapter().refuses({"--cell", "mgu"}, "--cell: expected rnn or gru or lstm, got \"mgu\"");
  chapter().refuses({"--steps", "1"}, "--steps: expected a whole number from 2 to 1000, got \"1\"");
  chapter().refuses({"--learning-rate", "0"}, "--learning-rate: expected a number above 0 and at most 100, got \"0\"");
  chapter().refuses({"--json"}, "--json: needs --replay");
  chapter().refuses({"--csv", "none/errors.csv"}, "--csv: none/errors.csv: No such file or directory");
  const std::string gradient = recorded("pytorch_gated/lstm_gradient_0.json");
  chapter().refuses({"--steps", "10", "--replay", gradient}, "--steps: cannot be given together with --replay");
  const std::string training = recorded("pytorch_gated/lstm_training_0.json");
  chapter().refuses({"--replay", training},
                    training + ": inputs: expected this key, which the chapter needs, found none");
}
