#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "../support/chapter.hpp"
#include "../support/mnist_folder.hpp"

import rnn.base.error;
import rnn.base.json;

using namespace rnn::testing;
using rnn::Json;

namespace {

const Chapter& chapter() {
  static const Chapter chapter("MNIST");
  return chapter;
}
std::string picture(const std::string& name) { return from_environment("PICTURES") + "/" + name; }

/// Weights of a network of 16 neurons that has learned a little, and what its training printed last.
struct Trained {
  Folder folder;
  std::string weights = folder / "w", last_line;
  Trained() {
    const std::string out =
        chapter().output({"train", "--data", mnist_folder(), "--validation-size", "0", "--batch", "50", "--hidden",
                          "16", "--learning-rate", "0.01", "--epochs", "30", "--save", weights, "--quiet"});
    last_line = out.substr(out.rfind('\n', out.size() - 2) + 1);
  }
};
const Trained& trained() {
  static const Trained trained;
  return trained;
}

Arguments asked(const std::string& word, const Arguments& more = {}) {
  Arguments arguments{word, "--init", trained().weights, "--data", mnist_folder()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

/// What it prints with --json.
Json json(const std::string& word, const Arguments& more = {}) {
  return rnn::parse_json(chapter().json(asked(word, more)), word);
}
const Json& member(const Json& json, const std::string& name) {
  BOOST_TEST_REQUIRE(json.find(name), name << " is there");
  return *json.find(name);
}
double number(const Json& json, const std::string& name) { return *member(json, name).number(); }
std::vector<double> numbers(const Json& json) {
  std::vector<double> result;
  for (const Json& item : *json.list()) result.push_back(*item.number());
  return result;
}
std::vector<std::vector<double>> table(const Json& json) {
  std::vector<std::vector<double>> result;
  for (const Json& row : *json.list()) result.push_back(numbers(row));
  return result;
}
std::vector<std::string> names_of(const Json& json) {
  std::vector<std::string> names;
  for (const rnn::JsonMember& member : *json.object()) names.push_back(member.name);
  return names;
}
std::size_t largest(const std::vector<double>& numbers) {
  return std::size_t(std::ranges::max_element(numbers) - numbers.begin());
}

/// The test images, as they were drawn.
std::vector<std::vector<double>> pixels_of(std::size_t index) {
  const rnn::Dataset digits = rnn::draw_digits(1, 1, 60000 + index, 1);
  std::vector<std::vector<double>> rows;
  for (int i = 0; i < 28; ++i) {
    rows.emplace_back(digits.images.pixels.begin() + 28 * i, digits.images.pixels.begin() + 28 * (i + 1));
  }
  return rows;
}

/// What predict says of all 100 test images.
const std::vector<Json>& predictions() {
  static const Json all = [] {
    Arguments indices;
    for (int i = 0; i < 100; ++i) indices.push_back(std::to_string(i));
    return json("predict", indices);
  }();
  return *member(all, "predictions").list();
}

/// What it prints on a terminal.
std::string on_a_terminal(const Arguments& arguments, const std::string& kind, const std::string& no_color) {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
  check(terminal < 0 || ::grantpt(terminal) || ::unlockpt(terminal) ? errno : 0, "posix_openpt");
  Settings settings;
  settings.stdout_to = ::ptsname(terminal);
  settings.environment = {{"TERM", kind}, {"NO_COLOR", no_color}};
  const int held = ::open(settings.stdout_to.c_str(), O_RDWR | O_NOCTTY);  // until everything is read
  std::string out;
  std::jthread reader([&] {
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(terminal, buffer, sizeof buffer)) > 0;) {
      out.append(buffer, std::size_t(got));
      if (out.find('\x04') != std::string::npos) return;
    }
  });
  const Result result = chapter().run(arguments, settings);
  check(::write(held, "\x04", 1) == 1 ? 0 : errno, "write");
  reader.join();
  ::close(held);
  ::close(terminal);
  BOOST_TEST(result.status == 0, result.err);
  return out;
}

/// Ends with one line on stderr that begins with the word's name, and status 2.
void refuses(const Arguments& arguments, const std::string& what) {
  const Result result = chapter().run(arguments);
  BOOST_TEST(result.status == 2);
  BOOST_TEST(result.out == "");
  BOOST_TEST(result.err == "06_mnist " + arguments[0] + ": " + what + "\n");
}

}  // namespace

BOOST_AUTO_TEST_CASE(evaluate_measures_what_training_measured) {
  const Json result = json("evaluate");
  BOOST_TEST(names_of(result) == std::vector<std::string>({"source", "examples", "accuracy", "loss", "per_digit"}),
             boost::test_tools::per_element());
  BOOST_TEST(*member(result, "source").text() == "MNIST in " + mnist_folder());
  BOOST_TEST(number(result, "examples") == 100);
  const std::string printed = trained().last_line.substr(trained().last_line.find("test_accuracy: ") + 15);
  BOOST_TEST(number(result, "accuracy") == std::stod(printed), boost::test_tools::tolerance(1e-6));
  BOOST_TEST(number(result, "accuracy") > 0.4);
  const std::string text = chapter().output(asked("evaluate"));
  BOOST_TEST(Chapter::contains(text, "accuracy: " + printed.substr(0, printed.find(' '))), text);
}

BOOST_AUTO_TEST_CASE(predict_evaluate_and_show_agree_about_every_image) {
  std::vector<std::vector<double>> confusion(10, std::vector<double>(10));
  std::vector<std::pair<double, std::size_t>> misread;
  double loss = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    const std::vector<double> probabilities = numbers(member(predictions()[i], "probabilities"));
    const std::size_t digit = largest(probabilities), label = i % 10;
    BOOST_TEST(number(predictions()[i], "digit") == digit);
    ++confusion[label][digit];
    loss -= std::log(probabilities[label]) / 100;
    if (digit != label) misread.emplace_back(-probabilities[digit], i);
  }
  std::ranges::sort(misread);
  BOOST_TEST_REQUIRE(misread.size() > 3u);

  const Json evaluated = json("evaluate"), shown = json("show", {"--count", "3"});
  BOOST_TEST((table(member(shown, "confusion")) == confusion));
  double right = 0;
  for (std::size_t digit = 0; digit < 10; ++digit) {
    right += confusion[digit][digit] / 100;
    BOOST_TEST(numbers(member(evaluated, "per_digit"))[digit] == confusion[digit][digit] / 10);
  }
  BOOST_TEST(number(evaluated, "accuracy") == right, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(number(shown, "accuracy") == right, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(number(evaluated, "loss") == loss, boost::test_tools::tolerance(1e-4));

  const std::vector<Json>& mistakes = *member(shown, "misread").list();
  BOOST_TEST_REQUIRE(mistakes.size() == 3u);
  for (std::size_t k = 0; k < 3; ++k) {
    const auto [probability, index] = misread[k];
    BOOST_TEST(number(mistakes[k], "index") == index);
    BOOST_TEST(number(mistakes[k], "label") == index % 10);
    BOOST_TEST(number(mistakes[k], "digit") == number(predictions()[index], "digit"));
    BOOST_TEST(number(mistakes[k], "probability") == -probability, boost::test_tools::tolerance(1e-5));
    BOOST_TEST((table(member(mistakes[k], "pixels")) == pixels_of(index)));
  }
  BOOST_TEST(member(json("show", {"--count", "10000"}), "misread").list()->size() == misread.size());
}

BOOST_AUTO_TEST_CASE(predict_shows_how_the_belief_changes_from_row_to_row) {
  const Json& seventh = predictions()[7];
  BOOST_TEST(names_of(seventh) == std::vector<std::string>({"image", "digit", "probabilities", "rows", "pixels"}),
             boost::test_tools::per_element());
  BOOST_TEST(*member(seventh, "image").text() == "7");
  BOOST_TEST((table(member(seventh, "pixels")) == pixels_of(7)));
  const auto rows = table(member(seventh, "rows"));
  BOOST_TEST_REQUIRE(rows.size() == 28u);
  BOOST_TEST((rows.back() == numbers(member(seventh, "probabilities"))));
  for (const std::vector<double>& row : rows) {
    double sum = 0;
    for (const double probability : row) sum += probability;
    BOOST_TEST(row.size() == 10u);
    BOOST_TEST(sum == 1, boost::test_tools::tolerance(1e-5));
  }
  BOOST_TEST((rows[5] != rows[20]));

  const std::string text = chapter().output(asked("predict", {"7", "8"}));
  BOOST_TEST(text.starts_with("7: " + std::to_string(largest(rows.back())) + "\n"), text);
  BOOST_TEST(Chapter::contains(text, "\n8: "), text);
  BOOST_TEST(Chapter::contains(text, "after row   0   1   2   3   4   5   6   7   8   9\n"), text);
  BOOST_TEST(std::ranges::count(text, '\n') == 2 * 30 + 1, text);
  BOOST_TEST(Chapter::contains(text, "█"), text);
}

BOOST_AUTO_TEST_CASE(a_picture_of_a_digit_is_read_as_the_digit_is) {
  const Folder folder;
  int same = 0;
  Arguments files;
  for (std::size_t i = 0; i < 20; ++i) {
    // Black on white, each pixel 5 × 5 and some paper on the left.
    std::string pgm = "P5 150 140 255\n";
    const auto pixels = pixels_of(i);
    for (std::size_t y = 0; y < 140; ++y) {
      for (std::size_t x = 0; x < 150; ++x) pgm += char(x < 10 ? 255 : 255 - int(pixels[y / 5][(x - 10) / 5]));
    }
    files.push_back(folder.file("digit_" + std::to_string(i) + ".pgm", pgm));
  }
  const Json result = json("predict", files);
  for (std::size_t i = 0; i < 20; ++i) {
    const Json& one = (*member(result, "predictions").list())[i];
    BOOST_TEST(*member(one, "image").text() == files[i]);
    same += number(one, "digit") == number(predictions()[i], "digit");
  }
  BOOST_TEST(same >= 18);
}

BOOST_AUTO_TEST_CASE(pictures_need_no_test_images) {
  const Result result = chapter().run(
      {"predict", "--init", trained().weights, "--data", "none", picture("rgba_8_opaque"), picture("pgm_raw")});
  BOOST_TEST(result.status == 0, result.err);
  BOOST_TEST(result.out.starts_with(picture("rgba_8_opaque") + ": "), result.out);
}

BOOST_AUTO_TEST_CASE(show_draws_the_mistakes_and_the_states) {
  const Json result = json("show", {"--image", "3"});
  BOOST_TEST(
      names_of(result) == std::vector<std::string>({"source", "examples", "accuracy", "confusion", "misread", "image"}),
      boost::test_tools::per_element());
  const Json& image = member(result, "image");
  BOOST_TEST(number(image, "index") == 3);
  BOOST_TEST(number(image, "label") == 3);
  BOOST_TEST((table(member(image, "pixels")) == pixels_of(3)));
  const auto states = table(member(image, "states"));
  BOOST_TEST_REQUIRE(states.size() == 28u);
  double most = 0;
  for (const auto& state : states) {
    BOOST_TEST(state.size() == 16u);
    for (const double h : state) most = std::max(most, std::abs(h));
  }
  BOOST_TEST(most > 0.5);
  BOOST_TEST(most <= 1);
  BOOST_TEST(*member(json("show"), "image").find("index")->number() == 0);

  const std::string text = chapter().output(asked("show", {"--image", "3", "--count", "2"}));
  BOOST_TEST(Chapter::contains(text, "row: the digit, column: what it was read as\n"), text);
  BOOST_TEST(Chapter::contains(text, ", read as "), text);
  BOOST_TEST(Chapter::contains(text, "image 3, a 3: its rows, and after each the state of 16 neurons"), text);
  const std::string none = chapter().output(asked("show", {"--count", "0"}));
  BOOST_TEST(!Chapter::contains(none, ", read as "), none);
}

BOOST_AUTO_TEST_CASE(colors_are_for_terminals_whose_owner_wants_them) {
  const std::string escape = "\x1b[38;5;";
  for (const Arguments& arguments : {asked("show"), asked("predict", {"0"})}) {
    BOOST_TEST(!Chapter::contains(chapter().output(arguments), "\x1b"));
    BOOST_TEST(Chapter::contains(on_a_terminal(arguments, "xterm", ""), escape));
    BOOST_TEST(!Chapter::contains(on_a_terminal(arguments, "xterm", "1"), "\x1b"));
    BOOST_TEST(!Chapter::contains(on_a_terminal(arguments, "dumb", ""), "\x1b"));
  }
}

BOOST_AUTO_TEST_CASE(the_built_in_digits_need_no_files) {
  const Json one = rnn::parse_json(
      chapter().json({"evaluate", "--init", trained().weights, "--data", "digits", "--threads", "1"}), "one");
  const Json two = rnn::parse_json(
      chapter().json({"evaluate", "--init", trained().weights, "--data", "digits", "--seed", "2"}), "two");
  BOOST_TEST(*member(one, "source").text() == "built-in digits");
  BOOST_TEST(number(one, "examples") == 10000);
  BOOST_TEST(number(one, "loss") != number(two, "loss"));
}

BOOST_AUTO_TEST_CASE(help_of_each_word_has_groups_defaults_and_two_examples) {
  for (const std::string word : {"evaluate", "predict", "show"}) {
    const std::string help = chapter().output({word, "--help"});
    BOOST_TEST(Chapter::contains(help, "Usage: 06_mnist " + word + " [options]"), help);
    BOOST_TEST(Chapter::contains(help, "--init FILE"), help);
    BOOST_TEST(Chapter::contains(help, "[default 1]"), help);
    const std::string examples = help.substr(help.find("\nExamples:\n"));
    BOOST_TEST(std::ranges::count(examples, '\n') == 6, examples);
    BOOST_TEST(Chapter::contains(chapter().output({"--help"}), "\n  " + word + " "));
  }
  BOOST_TEST(chapter().output({"train", "--help"}) == chapter().output({"--help"}));
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_one_line) {
  const Folder folder;
  chapter().refuses({"evalute"}, "unknown command \"evalute\": did you mean evaluate?");
  const std::string needed =
      "--init: expected the name of a file (weights or a checkpoint saved by training), "
      "got nothing";
  for (const char* word : {"evaluate", "show"}) refuses({word}, needed);
  refuses({"predict", "0"}, needed);
  refuses({"predict", "--init", trained().weights}, "expected at least one IMAGE, got none");
  refuses(asked("evaluate", {"0"}), "unexpected argument \"0\"");
  refuses(asked("show", {"--cuont", "3"}), "unknown option --cuont: did you mean --count?");
  const std::string source = "a test image of MNIST in " + mnist_folder() + ", 0 to 99";
  refuses(asked("show", {"--image", "100"}), "--image: expected " + source + ", got 100");
  for (const std::string index : {"100", "18446744073709551616"}) {
    refuses(asked("predict", {index}), "IMAGE: expected " + source + ", got " + index);
  }
  for (const std::string name : {"none.png", "-1", "1.5"}) {
    refuses(asked("predict", {name}), name + ": cannot be opened: No such file or directory");
  }
  refuses(asked("predict", {"0", "/"}), "/: cannot be read: Is a directory");
  refuses(
      asked("predict", {"0", picture("png_cut")}),
      picture("png_cut") + ": expected a whole PNG picture, found that it cannot be read (read beyond end of data)");
  refuses(
      {"evaluate", "--init", trained().weights, "--data", folder / ""},
      folder / "t10k-images-idx3-ubyte.gz" + std::string(": no such file, nor t10k-images.idx3-ubyte, packed or not "
                                                         "(data/fetch_mnist fetches MNIST)"));
}

BOOST_AUTO_TEST_CASE(weights_of_another_kind_of_network_are_refused) {
  const Folder folder;
  const std::string wide = folder / "wide";
  const rnn::Images images{20, 14, 56, std::vector<std::uint8_t>(20 * 784, 100)};
  for (const char* part : {"train", "t10k"}) {
    rnn::write_idx(folder / (std::string(part) + "-images-idx3-ubyte"), images);
    rnn::write_idx(folder / (std::string(part) + "-labels-idx1-ubyte"), std::vector<std::uint8_t>(20, 3));
  }
  chapter().output({"--data", folder / "", "--validation-size", "0", "--batch", "20", "--hidden", "4", "--epochs", "1",
                    "--quiet", "--save", wide});
  const std::string other = wide + ": expected a network of 28 inputs and 10 classes, found 56 and 10";
  refuses({"evaluate", "--init", wide, "--data", mnist_folder()}, other);
  refuses({"predict", "--init", wide, picture("pgm_raw")}, other);
  refuses({"show", "--init", wide, "--data", mnist_folder()}, other);
  // With images of its own size it is welcome, and digits that are not there have no accuracy.
  const std::string out = chapter().json({"evaluate", "--init", wide, "--data", folder / ""});
  BOOST_TEST(Chapter::contains(out, "\"per_digit\":[null,null,null,0,null,null,null,null,null,null]"), out);
  BOOST_TEST(Chapter::contains(chapter().output({"show", "--init", wide, "--data", folder / ""}), "none"));
}
