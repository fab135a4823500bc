// A program with options, for options_test to run: prints a number, fails as it is told.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

import rnn.base.notice;
import rnn.base.ranks;
import rnn.console.options;

int main(int argc, char** argv) {
  const char* name = std::getenv("PROGRAM_NAME");
  rnn::Options options(name ? name : "01_two_steps", "Two time steps, written out by hand.");
  options.group("Numbers");
  const auto epochs = options.integer("epochs", 100, {1, 1000000}, "how often to see all examples");
  options.text("title", "none", "a title", "TITLE");
  options.group("Output");
  const auto fail = options.choice(
      "fail", "not", {"not", "invalid", "memory", "lines", "length", "folder", "notice", "other rank"}, "how to fail");
  const auto file = options.output_file("write", "FILE", "a file to write to");
  const auto from = options.input_file("from", "FILE", "a file with the title");
  options.flag("quiet", "say nothing");
  options.values_from("from", [](const std::filesystem::path& path) {
    std::ifstream text(path);
    return std::map<std::string, std::string>{{"title", {std::istreambuf_iterator(text), {}}}};
  });
  options.replay();
  if (!std::getenv("ALONE")) options.works_on_many_machines();
  options.example("--epochs 3", "prints 3");
  return options.run(argc, argv, [&] {
    if (const char* ran = std::getenv("RAN")) std::ofstream(ran, std::ios::app) << rnn::ranks().count();
    std::string known;
    for (const char* option : {"epochs", "title", "fail", "quiet"}) {
      known += std::string(option) + (options.given(option) ? " given " : " ") + options.value(option) + '\n';
    }
    rnn::require_same("what is known", known);
    if (!rnn::is_first_rank() && (file.given() || from.given())) throw std::logic_error("files are rank 0's");
    std::ofstream written;
    if (file.given()) written.open(*file);
    std::cout << *epochs << '\n';
    if (file.given()) std::cout.flush();  // while that is open
    written << "written";
    if (*fail == "invalid") throw std::invalid_argument("matmul: shapes");
    if (*fail == "memory") throw std::bad_alloc();
    if (*fail == "lines") throw std::runtime_error("one\ntwo");
    if (*fail == "length") std::vector<char>().reserve(std::size_t(-1));
    if (*fail == "folder") static_cast<void>(std::filesystem::file_size("/none"));
    if (*fail == "other rank" && !rnn::is_first_rank()) throw std::runtime_error("one\ntwo");
    for (int i = 0; i < 2 && *fail == "notice"; ++i) rnn::notice("something to\x1b know");
    return 1;
  });
}
