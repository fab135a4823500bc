// A program with options, for options_test to run: prints a number, fails as it is told.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <new>
#include <stdexcept>
#include <vector>

import rnn.base.notice;
import rnn.console.options;

int main(int argc, char** argv) {
  rnn::Options options("01_two_steps", "Two time steps, written out by hand.");
  options.group("Numbers");
  const auto epochs = options.integer("epochs", 100, {1, 1000000}, "how often to see all examples");
  options.group("Output");
  const auto fail =
      options.choice("fail", "not", {"not", "invalid", "memory", "lines", "length", "folder", "notice"}, "how to fail");
  const auto file = options.output_file("write", "FILE", "a file to write to");
  options.flag("quiet", "say nothing");
  options.example("--epochs 3", "prints 3");
  return options.run(argc, argv, [&] {
    std::ofstream written;
    if (file.given()) written.open(*file);
    std::cout << *epochs << '\n' << std::flush;
    written << "written";
    if (*fail == "invalid") throw std::invalid_argument("matmul: shapes");
    if (*fail == "memory") throw std::bad_alloc();
    if (*fail == "lines") throw std::runtime_error("one\ntwo");
    if (*fail == "length") std::vector<char>().reserve(std::size_t(-1));
    if (*fail == "folder") static_cast<void>(std::filesystem::file_size("/none"));
    for (int i = 0; i < 2 && *fail == "notice"; ++i) rnn::notice("something to\x1b know");
    return 1;
  });
}
